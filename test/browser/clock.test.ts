import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserClock, type BrowserClock } from '../../src/browser/clock.ts';
import { openPage } from './frame.ts';

type ClockModule = typeof import('../../src/browser/clock.ts');
const MODULE = '../../src/browser/clock.ts';
const HOUR = 3_600_000;

function setUp(make = browserClock): BrowserClock & { readonly comeBack: () => void } {
  const returns = new Set<() => void>();
  const clock = make({
    onReturn: (listener) => {
      returns.add(listener);
      return () => void returns.delete(listener);
    },
  });
  onTestFinished(() => clock.dispose());
  return { ...clock, comeBack: () => returns.forEach((listener) => listener()) };
}

/** Resolves when the alarm rings. */
const rings = (clock: BrowserClock, wait: number): Promise<void> =>
  new Promise((resolve) => void clock.wake(clock.now() + wait, resolve));

const setClock = (by: number): void => {
  const real = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + by);
};

afterEach(() => vi.restoreAllMocks());

describe('an alarm', () => {
  test('rings once, when its instant has come', async () => {
    const clock = setUp();
    const task = vi.fn();
    const at = clock.now() + 20;
    clock.wake(at, task);
    await rings(clock, 20);
    expect(clock.now()).toBeGreaterThanOrEqual(at);
    await rings(clock, 20);
    expect(task).toHaveBeenCalledTimes(1);
  });

  test('never rings before wake returns, not even when its instant has passed', async () => {
    const clock = setUp();
    const order: string[] = [];
    const rung = new Promise<void>((resolve) => {
      clock.wake(clock.now() - HOUR, () => resolve(void order.push('rings')));
      order.push('returns');
    });
    await rung;
    expect(order).toEqual(['returns', 'rings']);
  });

  test('that was called off does not ring, and can be called off twice', async () => {
    const clock = setUp();
    const task = vi.fn();
    const undo = clock.wake(clock.now() + 5, task);
    undo();
    undo();
    await rings(clock, 10);
    expect(task).not.toHaveBeenCalled();
  });

  test('rings in the order of the instants, however they were set', async () => {
    const clock = setUp();
    const order: number[] = [];
    const now = clock.now();
    for (const wait of [10, -1, 5, -3, -2]) clock.wake(now + wait, () => void order.push(wait));
    await rings(clock, 15);
    expect(order).toEqual([-3, -2, -1, 5, 10]);
  });

  test('whose task throws does not silence the others, and the error is reported', async () => {
    const report = vi.spyOn(globalThis, 'reportError').mockImplementation(() => {});
    const clock = setUp();
    const now = clock.now();
    const failure = new Error('from the task');
    clock.wake(now, () => {
      throw failure;
    });
    await rings(clock, 0);
    expect(report.mock.calls).toEqual([[failure]]);
  });

  test('can be called off by a task that rings in the same moment', async () => {
    const clock = setUp();
    const task = vi.fn();
    const now = clock.now();
    clock.wake(now - 2, () => undo());
    const undo = clock.wake(now - 1, task);
    await rings(clock, 5);
    expect(task).not.toHaveBeenCalled();
  });

  test('that is set by a task for a past instant rings later, not in the same run', async () => {
    const clock = setUp();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      clock.wake(clock.now(), () => {
        clock.wake(0, () => resolve(void order.push('second')));
        queueMicrotask(() => order.push('first'));
      });
    });
    expect(order).toEqual(['first', 'second']);
  });

  test('in a month does not ring at once, though timers overflow at 2^31 milliseconds', async () => {
    const timeout = vi.spyOn(globalThis, 'setTimeout');
    const clock = setUp();
    const task = vi.fn();
    clock.wake(clock.now() + 2 ** 31, task);
    clock.wake(clock.now() + 2 ** 31 + 1_000, task);
    clock.wake(Number.POSITIVE_INFINITY, task);
    for (const [, wait] of timeout.mock.calls) expect(wait).toBeLessThan(2 ** 31);
    await rings(clock, 30);
    expect(task).not.toHaveBeenCalled();
  });
});

test('an alarm for no instant at all never rings, and does not keep the clock busy', async () => {
  const clock = setUp();
  const task = vi.fn();
  clock.wake(Number.NaN, task);
  await rings(clock, 5);
  const timeout = vi.spyOn(globalThis, 'setTimeout');
  await rings(setUp(), 30);
  expect(timeout.mock.calls.length).toBeLessThan(5);
  expect(task).not.toHaveBeenCalled();
});

describe('when the clock is wrong', () => {
  test('setting it back does not delay an alarm', async () => {
    const clock = setUp();
    const rung = rings(clock, 20);
    setClock(-HOUR);
    await rung;
  });

  test('setting it ahead rings what is due as soon as the page returns', () => {
    const clock = setUp();
    const task = vi.fn();
    clock.wake(clock.now() + HOUR, task);
    clock.comeBack();
    expect(task).not.toHaveBeenCalled();
    setClock(HOUR);
    clock.comeBack();
    clock.comeBack();
    expect(task).toHaveBeenCalledTimes(1);
  });

  test('setting it ahead, or a sleep, is noticed within a minute even when no event tells', () => {
    const timeout = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(0 as never);
    const clock = setUp();
    const task = vi.fn();
    clock.wake(clock.now() + HOUR, task);
    const [look, wait] = timeout.mock.lastCall ?? [];
    expect(wait).toBeLessThanOrEqual(60_000);
    setClock(HOUR);
    if (typeof look === 'function') look();
    expect(task).toHaveBeenCalledTimes(1);
  });

  test('a timer that comes early is only set again', async () => {
    const timeout = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(0 as never);
    const clock = setUp();
    const rung = rings(clock, 15);
    const look = timeout.mock.lastCall?.[0];
    timeout.mockRestore();
    if (typeof look === 'function') look();
    await rung;
  });
});

describe('the worker', () => {
  test('is not made before the first alarm', () => {
    const create = vi.spyOn(URL, 'createObjectURL');
    const clock = setUp();
    expect(create).not.toHaveBeenCalled();
    clock.wake(clock.now() + HOUR, () => {});
    clock.wake(clock.now() + 1, () => {});
    expect(create).toHaveBeenCalledTimes(1);
    expect(clock.missing()).toEqual([]);
  });

  test('rings the alarms of a page whose own timers do not come', async () => {
    const timeout = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(0 as never);
    const clock = setUp();
    await rings(clock, 10);
    await rings(clock, 10);
    expect(timeout).toHaveBeenCalled();
    expect(clock.missing()).toEqual([]);
  });

  test('may be refused by the content security policy: alarms ring all the same, and it is said to be missing', async () => {
    const { module, window } = await openPage<ClockModule>(MODULE, { policy: "worker-src 'self'" });
    const violation = new Promise((resolve) => window.document.addEventListener('securitypolicyviolation', resolve));
    const clock = setUp(module.browserClock);
    await Promise.all([rings(clock, 20), violation]);
    await vi.waitFor(() => expect(clock.missing()).toEqual(['worker']), { interval: 1 });
    await rings(clock, 5);
  });

  test('may be refused by Trusted Types: alarms ring all the same, and it is said to be missing', async () => {
    const { module } = await openPage<ClockModule>(MODULE, { policy: "require-trusted-types-for 'script'" });
    const clock = setUp(module.browserClock);
    await rings(clock, 5);
    expect(clock.missing()).toEqual(['worker']);
  });

  test('may not exist: alarms ring all the same, and it is said to be missing', async () => {
    const { module } = await openPage<ClockModule>(MODULE, { before: 'delete window.Worker' });
    const clock = setUp(module.browserClock);
    await rings(clock, 5);
    expect(clock.missing()).toEqual(['worker']);
  });

  test('may die without a word: alarms ring all the same', async () => {
    const { module } = await openPage<ClockModule>(MODULE, {
      before: 'window.Worker = class { postMessage() {} terminate() {} }',
    });
    const clock = setUp(module.browserClock);
    await rings(clock, 5);
    await rings(clock, 5);
  });
});

test('a thousand alarms share one timer', () => {
  const clock = setUp();
  clock.wake(clock.now() + 100, () => {});
  const timeout = vi.spyOn(globalThis, 'setTimeout');
  const post = vi.spyOn(Worker.prototype, 'postMessage');
  for (let number = 0; number < 1_000; number += 1) clock.wake(clock.now() + 5_000, () => {})();
  expect(timeout).not.toHaveBeenCalled();
  expect(post).not.toHaveBeenCalled();
});

test('a disposed clock rings no more and leaves no worker behind', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate');
  const revoke = vi.spyOn(URL, 'revokeObjectURL');
  const clock = setUp();
  const task = vi.fn();
  clock.wake(clock.now() + 5, task);
  clock.dispose();
  clock.wake(clock.now() + 5, task);
  clock.dispose();
  await rings(setUp(), 15);
  expect(task).not.toHaveBeenCalled();
  expect(terminate).toHaveBeenCalled();
  expect(revoke).toHaveBeenCalled();
});
