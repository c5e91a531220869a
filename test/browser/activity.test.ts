import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { server, userEvent } from 'vitest/browser';
import { pageActivity } from '../../src/browser/activity.ts';
import type { Activity } from '../../src/core/ports.ts';

interface Watched extends Activity {
  readonly listener: ReturnType<typeof vi.fn<() => void>>;
}

function watch(activity = pageActivity()): Watched {
  const listener = vi.fn<() => void>();
  onTestFinished(activity.onReturn(listener));
  return { ...activity, listener };
}

/** Resolves in a later task. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(port1.close());
    port2.postMessage(0);
  });

const show = (state: DocumentVisibilityState): void => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
};
const comeFromCache = (): boolean => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));

afterEach(() => vi.restoreAllMocks());

describe('the page returns', () => {
  test.each<[string, () => void]>([
    ['when it is shown', () => show('visible')],
    ['when it comes from the back/forward cache', comeFromCache],
    ['when it thaws', () => document.dispatchEvent(new Event('resume'))],
    ['when it is online again', () => dispatchEvent(new Event('online'))],
    ['when it gets the focus', () => dispatchEvent(new Event('focus'))],
  ])('%s', (_, happen) => {
    const { listener } = watch();
    happen();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test.each<[string, () => void]>([
    ['when it is hidden', () => show('hidden')],
    ['when it was just loaded', () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))],
    ['when it goes offline', () => dispatchEvent(new Event('offline'))],
    [
      'when a field in it gets the focus',
      () => {
        const field = document.body.appendChild(document.createElement('input'));
        onTestFinished(() => field.remove());
        field.dispatchEvent(new FocusEvent('focus'));
      },
    ],
  ])('but not %s', async (_, happen) => {
    const { listener } = watch();
    happen();
    await nextTask();
    expect(listener).not.toHaveBeenCalled();
  });

  test('and the first event is told at once, all others of the same task together after it', async () => {
    const { listener } = watch();
    comeFromCache();
    expect(listener).toHaveBeenCalledTimes(1);
    show('visible');
    dispatchEvent(new Event('focus'));
    expect(listener).toHaveBeenCalledTimes(1);
    await nextTask();
    expect(listener).toHaveBeenCalledTimes(2);
    await nextTask();
    dispatchEvent(new Event('online'));
    expect(listener).toHaveBeenCalledTimes(3);
  });

  test('and a listener that throws does not silence the others; the error is reported', () => {
    const report = vi.spyOn(globalThis, 'reportError').mockImplementation(() => {});
    const failure = new Error('from the listener');
    const activity = pageActivity();
    onTestFinished(
      activity.onReturn(() => {
        throw failure;
      }),
    );
    const { listener } = watch(activity);
    comeFromCache();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(report.mock.calls).toEqual([[failure]]);
  });

  test('and whoever has left is not told', () => {
    const activity = pageActivity();
    const listener = vi.fn();
    const undo = activity.onReturn(listener);
    const { listener: other } = watch(activity);
    undo();
    undo();
    comeFromCache();
    expect(listener).not.toHaveBeenCalled();
    expect(other).toHaveBeenCalledTimes(1);
  });

  test('and the same listener can be there twice, and leave once', () => {
    const activity = pageActivity();
    const listener = vi.fn();
    const undo = activity.onReturn(listener);
    onTestFinished(activity.onReturn(listener));
    undo();
    comeFromCache();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('the last input', () => {
  // Playwright never finds an element stable in Firefox, whose pages are driven over BiDi.
  test.skipIf(server.browser === 'firefox')(
    'is when a key was pressed or the pointer went down, whatever the app does with it',
    async () => {
      const { lastInput } = watch();
      expect(lastInput()).toBe(0);
      const stop = (event: Event): void => event.stopPropagation();
      document.body.addEventListener('keydown', stop);
      onTestFinished(() => document.body.removeEventListener('keydown', stop));
      const begun = performance.now();
      await userEvent.keyboard('a');
      const pressed = lastInput();
      expect(pressed).toBeGreaterThan(begun);
      await userEvent.click(document.body);
      expect(lastInput()).toBeGreaterThan(pressed);
    },
  );

  test('is also what the app says it is', () => {
    const { lastInput, touch } = pageActivity();
    const begun = performance.now();
    touch();
    expect(lastInput()).toBeGreaterThanOrEqual(begun);
  });

  // Keys go to the page that has the focus there, which may be another test's.
  test.skipIf(server.browser === 'firefox')('is not watched for when nobody listens', async () => {
    const activity = pageActivity();
    activity.onReturn(() => {})();
    await userEvent.keyboard('a');
    expect(activity.lastInput()).toBe(0);
  });
});

test('every listener is removed with the last subscriber', () => {
  const added: AbortSignal[] = [];
  for (const target of [window, document]) {
    vi.spyOn(target, 'addEventListener').mockImplementation((_type: string, _listener: unknown, options: unknown) => {
      if (typeof options === 'object' && options && 'signal' in options) added.push(options.signal as AbortSignal);
    });
  }
  const activity = pageActivity();
  expect(added).toHaveLength(0);
  const undo = activity.onReturn(() => {});
  const other = activity.onReturn(() => {});
  expect(added).toHaveLength(7);
  undo();
  expect(added.map(({ aborted }) => aborted)).not.toContain(true);
  other();
  expect(added.map(({ aborted }) => aborted)).not.toContain(false);
});

test('a page is visible when the document is', () => {
  const { isVisible } = pageActivity();
  show('hidden');
  expect(isVisible()).toBe(false);
  show('visible');
  expect(isVisible()).toBe(true);
});
