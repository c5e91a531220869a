import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { lockPresence, type Presence } from '../../src/browser/presence.ts';
import { openPage } from './frame.ts';

type PresenceModule = typeof import('../../src/browser/presence.ts');
const MODULE = '../../src/browser/presence.ts';

let name: string;

function enter(make = lockPresence): Presence {
  const presence = make(name);
  onTestFinished(presence.leave);
  presence.enter();
  return presence;
}

beforeEach(() => {
  name = `presence ${crypto.randomUUID()}`;
});

test('a tab knows at once that it is alone', async () => {
  enter(() => lockPresence(`${name} of another session`));
  expect(await enter().isAlone()).toBe(true);
});

test('of two tabs none is alone', async () => {
  const { module } = await openPage<PresenceModule>(MODULE);
  const other = enter(module.lockPresence);
  const own = enter();
  await vi.waitFor(async () => expect(await own.isAlone()).toBe(false), { interval: 1 });
  expect(await other.isAlone()).toBe(false);
});

test('a tab is alone when the others have left or closed, and no more when one is back', async () => {
  const { close, module } = await openPage<PresenceModule>(MODULE);
  enter(module.lockPresence);
  const second = enter();
  const own = enter();
  await vi.waitFor(async () => expect(await own.isAlone()).toBe(false), { interval: 1 });
  second.leave();
  expect(await own.isAlone()).toBe(false);
  close();
  await vi.waitFor(async () => expect(await own.isAlone()).toBe(true), { interval: 1 });
  second.enter();
  second.enter();
  expect(await own.isAlone()).toBe(false);
});

test('a tab that has left knows nothing of the others', async () => {
  const own = enter();
  own.leave();
  expect(await own.isAlone()).toBe(false);
});

test('a tab whose lock was taken is there again', async () => {
  const own = enter();
  const other = enter();
  await navigator.locks.request(name, { steal: true }, () => undefined);
  await vi.waitFor(
    async () => expect((await navigator.locks.query()).held?.filter((lock) => lock.name === name)).toHaveLength(2),
    {
      interval: 1,
    },
  );
  expect(await Promise.all([own.isAlone(), other.isAlone()])).toEqual([false, false]);
});

test('without locks nobody is sure to be alone', async () => {
  const { module } = await openPage<PresenceModule>(MODULE, {
    before: "Object.defineProperty(navigator, 'locks', { value: undefined })",
  });
  expect(await enter(module.lockPresence).isAlone()).toBe(false);
});

test('where locks are refused nobody is sure to be alone', async () => {
  const { module } = await openPage<PresenceModule>(MODULE, {
    before: "LockManager.prototype.request = () => Promise.reject(new DOMException('', 'SecurityError'))",
  });
  expect(await enter(module.lockPresence).isAlone()).toBe(false);
  const refused = enter(module.lockPresence);
  enter();
  // What is seen is the other tab.
  expect(await refused.isAlone()).toBe(false);
});
