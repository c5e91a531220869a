import { afterEach, expect, test, vi } from 'vitest';
import { browserNetwork } from '../../src/browser/network.ts';
import { openPage } from './frame.ts';

type NetworkModule = typeof import('../../src/browser/network.ts');

afterEach(() => vi.restoreAllMocks());

test('fetch is native fetch, on its own and as a member, even when somebody replaces it later', async () => {
  const network = browserNetwork();
  const { fetch } = network;
  const replacement = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('replaced'));
  for (const response of [await fetch('data:text/plain,hello'), await network.fetch('data:text/plain,hello')]) {
    expect(await response.text()).toBe('hello');
  }
  expect(replacement).not.toHaveBeenCalled();
});

test('it is offline only when the browser knows that it is', async () => {
  const { module, window } = await openPage<NetworkModule>('../../src/browser/network.ts');
  const { isOnline } = module.browserNetwork();
  const answers = [true, false, undefined].map((onLine) => {
    Object.defineProperty(window.navigator, 'onLine', { value: onLine, configurable: true });
    return isOnline();
  });
  expect(answers).toEqual([true, false, true]);
});
