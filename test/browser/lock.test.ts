import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { webLock } from '../../src/browser/lock.ts';
import type { Lock } from '../../src/core/ports.ts';
import { openPage } from './frame.ts';

type LockModule = typeof import('../../src/browser/lock.ts');
const MODULE = '../../src/browser/lock.ts';

let name: string;

interface Holder {
  readonly outcome: Promise<'held' | 'busy'>;
  /** Resolves when the lock is held, with the signal that tells of its loss. */
  readonly holding: Promise<AbortSignal>;
  readonly letGo: () => void;
}

/** Somebody who holds the lock until told to let go. */
function hold(lock: Lock, options?: { readonly steal?: boolean }): Holder {
  let letGo = (): void => {};
  const told = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let outcome: Holder['outcome'] = Promise.resolve('busy');
  const holding = new Promise<AbortSignal>((resolve) => {
    outcome = lock.hold(async (lost) => {
      resolve(lost);
      await told;
    }, options);
  });
  return { outcome, holding, letGo };
}

beforeEach(() => {
  name = `lock ${crypto.randomUUID()}`;
});
afterEach(() => vi.restoreAllMocks());

test('only one page holds it, and the others are told at once that it is busy', async () => {
  const { module } = await openPage<LockModule>(MODULE);
  const holder = hold(module.webLock(name));
  await holder.holding;
  const task = vi.fn(async () => {});
  expect(await webLock(name).hold(task)).toBe('busy');
  expect(task).not.toHaveBeenCalled();
  holder.letGo();
  expect(await holder.outcome).toBe('held');
  expect(await webLock(name).hold(task)).toBe('held');
  expect(task).toHaveBeenCalledTimes(1);
});

test('nobody ever waits in line for it', async () => {
  const holder = hold(webLock(name));
  await holder.holding;
  const others = Promise.all([webLock(name).hold(async () => {}), webLock(name).hold(async () => {})]);
  const { pending = [] } = await navigator.locks.query();
  expect(pending.filter((request) => request.name === name)).toEqual([]);
  expect(await others).toEqual(['busy', 'busy']);
  holder.letGo();
});

test('it is free again when its page is closed', async () => {
  const { module, close } = await openPage<LockModule>(MODULE);
  await hold(module.webLock(name)).holding;
  close();
  await vi.waitFor(async () => expect(await webLock(name).hold(async () => {})).toBe('held'), { interval: 1 });
});

test('whoever it is stolen from is told, and keeps it no longer', async () => {
  const { module } = await openPage<LockModule>(MODULE);
  const first = hold(module.webLock(name));
  const lost = await first.holding;
  expect(lost.aborted).toBe(false);
  const told = new Promise((resolve) => lost.addEventListener('abort', resolve));
  const second = hold(webLock(name), { steal: true });
  await Promise.all([second.holding, told]);
  expect(lost.aborted).toBe(true);
  first.letGo();
  expect(await first.outcome).toBe('held');
  // The first one's end does not free what is the second one's now.
  expect(await webLock(name).hold(async () => {})).toBe('busy');
  second.letGo();
  expect(await second.outcome).toBe('held');
});

test('whoever it is stolen from gets its error out all the same', async () => {
  const started = vi.fn();
  const outcome = webLock(name).hold(async (lost) => {
    started();
    await new Promise((resolve) => lost.addEventListener('abort', resolve));
    throw new Error('from the task');
  });
  const failure = expect(outcome).rejects.toThrow('from the task');
  await vi.waitFor(() => expect(started).toHaveBeenCalled(), { interval: 1 });
  expect(await webLock(name).hold(async () => {}, { steal: true })).toBe('held');
  await failure;
});

test('it can be taken from a thief again, and both know', async () => {
  const [first, second] = [hold(webLock(name)), hold(webLock(name), { steal: true })];
  const third = hold(webLock(name), { steal: true });
  const signals = [await first.holding, await second.holding];
  expect((await third.holding).aborted).toBe(false);
  await vi.waitUntil(() => signals.every(({ aborted }) => aborted), { interval: 1 });
  for (const holder of [first, second, third]) holder.letGo();
  expect(await Promise.all([first.outcome, second.outcome, third.outcome])).toEqual(['held', 'held', 'held']);
});

test('stealing it from nobody is the same as taking it', async () => {
  const lost = await new Promise<AbortSignal>((resolve) => {
    void webLock(name).hold(async (signal) => resolve(signal), { steal: true });
  });
  expect(lost.aborted).toBe(false);
});

test('when it is stolen before the task could begin, the task does not begin', async () => {
  let grant: unknown;
  vi.spyOn(LockManager.prototype, 'request').mockImplementation((...request: readonly unknown[]) => {
    grant = request.at(-1);
    return Promise.reject(new DOMException('stolen', 'AbortError'));
  });
  const task = vi.fn(async () => {});
  expect(await webLock(name).hold(task)).toBe('busy');
  if (typeof grant === 'function') grant({ name, mode: 'exclusive' });
  expect(task).not.toHaveBeenCalled();
});

test.each([
  ['rejects', () => Promise.reject(new Error('from the task'))],
  [
    'throws',
    () => {
      throw new Error('from the task');
    },
  ],
])('a task that %s frees it, and its error comes out', async (_, task) => {
  await expect(webLock(name).hold(task)).rejects.toThrow('from the task');
  expect(await webLock(name).hold(async () => {})).toBe('held');
});

describe('where there are no locks', () => {
  test('(plain http) everybody comes in, and it says that it keeps nobody out', async () => {
    const { module } = await openPage<LockModule>(MODULE, {
      before: "Object.defineProperty(navigator, 'locks', { value: undefined })",
    });
    const lock = module.webLock(name);
    expect(lock.isExclusive).toBe(false);
    const holder = hold(lock);
    expect((await holder.holding).aborted).toBe(false);
    expect(await lock.hold(async () => {})).toBe('held');
    expect(await lock.hold(async () => {}, { steal: true })).toBe('held');
    holder.letGo();
    expect(await holder.outcome).toBe('held');
    await expect(lock.hold(() => Promise.reject(new Error('from the task')))).rejects.toThrow('from the task');
  });

  test.each([
    [
      'sandboxed frames, which have them but may not use them',
      () => Promise.reject(new DOMException('denied', 'SecurityError')),
    ],
    [
      'an interface that does not work',
      () => {
        throw new TypeError('Illegal invocation');
      },
    ],
  ])('(%s) likewise', async (_, request) => {
    vi.spyOn(LockManager.prototype, 'request').mockImplementation(request);
    const lock = webLock(name);
    const isExclusive = vi.fn(() => lock.isExclusive);
    expect(await lock.hold(async () => void isExclusive())).toBe('held');
    // The task knows already that it may not be alone.
    expect(isExclusive.mock.results).toEqual([{ type: 'return', value: false }]);
    await expect(lock.hold(() => Promise.reject(new Error('from the task')))).rejects.toThrow('from the task');
    const first = hold(webLock(name));
    await first.holding;
    expect(await lock.hold(async () => {})).toBe('held');
    first.letGo();
  });

  test('a task that fails as a refused lock does runs once, and is no reason to do without locks', async () => {
    const lock = webLock(name);
    const task = vi.fn(() => Promise.reject(new DOMException('from the task', 'SecurityError')));
    await expect(lock.hold(task)).rejects.toThrow('from the task');
    expect(task).toHaveBeenCalledTimes(1);
    expect(lock.isExclusive).toBe(true);
  });
});

test.each([
  ['is no longer shown', 'InvalidStateError'],
  ['is shut down', 'AbortError'],
])('a page that %s gets no lock, and takes no part without one', async (_, reason) => {
  vi.spyOn(LockManager.prototype, 'request').mockRejectedValueOnce(new DOMException('', reason));
  const lock = webLock(name);
  const task = vi.fn(async () => {});
  expect(await lock.hold(task)).toBe('busy');
  expect(task).not.toHaveBeenCalled();
  expect(lock.isExclusive).toBe(true);
  expect(await lock.hold(task)).toBe('held');
});

test('where locks keep others out, it says so', () => {
  expect(webLock(name).isExclusive).toBe(true);
});
