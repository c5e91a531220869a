import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Leadership, lockLeadership } from '../../src/browser/leadership.ts';
import { openPage, openPages } from './frame.ts';

type LeadershipModule = typeof import('../../src/browser/leadership.ts');
const MODULE = '../../src/browser/leadership.ts';

let name: string;

function stand(make = lockLeadership): Leadership {
  const leadership = make(name);
  onTestFinished(leadership.resign);
  return leadership;
}

/** A page of its own that stands. */
async function openCandidate() {
  const { module, window } = await openPage<LeadershipModule>(MODULE);
  const fire = (type: 'freeze' | 'resume' | 'pagehide' | 'pageshow'): void => {
    if (type === 'freeze' || type === 'resume') window.document.dispatchEvent(new window.Event(type));
    else window.dispatchEvent(new window.PageTransitionEvent(type, { persisted: true }));
  };
  return { leadership: stand(module.lockLeadership), fire };
}

const leads = ({ isLeader }: Leadership): Promise<boolean> => vi.waitUntil(isLeader, { interval: 1 });

/** How many hold the lock or wait for it. */
async function candidates(): Promise<number> {
  const { held = [], pending = [] } = await navigator.locks.query();
  return [...held, ...pending].filter((lock) => lock.name === name).length;
}

beforeEach(() => {
  name = `leadership ${crypto.randomUUID()}`;
});

test('one of the tabs leads, and when it closes another takes over', async () => {
  const pages = await openPages<LeadershipModule>(3, MODULE);
  let tabs = pages.map(({ module, close }) => ({ close, leadership: stand(module.lockLeadership) }));
  for (let left = 3; left > 0; left -= 1) {
    const leader = await vi.waitUntil(() => tabs.find(({ leadership }) => leadership.isLeader()), { interval: 1 });
    expect(tabs.filter(({ leadership }) => leadership.isLeader())).toHaveLength(1);
    leader?.close();
    tabs = tabs.filter((tab) => tab !== leader);
  }
});

test('a tab that resigns leads no more, and leaves the queue', async () => {
  const { leadership: first, fire } = await openCandidate();
  await leads(first);
  const second = stand();
  const third = stand();
  await vi.waitFor(async () => expect(await candidates()).toBe(3), { interval: 1 });
  second.resign();
  second.resign();
  await vi.waitFor(async () => expect(await candidates()).toBe(2), { interval: 1 });
  first.resign();
  expect(first.isLeader()).toBe(false);
  await leads(third);
  third.resign();
  fire('pageshow');
  fire('resume');
  await vi.waitFor(async () => expect(await candidates()).toBe(0), { interval: 1 });
  expect([first, second, third].map(({ isLeader }) => isLeader())).toEqual([false, false, false]);
});

describe.each([
  ['goes into the back/forward cache', 'pagehide', 'pageshow'],
  ['is frozen', 'freeze', 'resume'],
] as const)('a page that %s', (_, stops, returns) => {
  test('leads no more from that moment, and another leads', async () => {
    const { leadership, fire } = await openCandidate();
    await leads(leadership);
    const other = stand();
    fire(stops);
    expect(leadership.isLeader()).toBe(false);
    await leads(other);
    fire(returns);
    expect(leadership.isLeader()).toBe(false);
    other.resign();
    await leads(leadership);
  });

  test('inherits nothing while it is away', async () => {
    const leader = stand();
    await leads(leader);
    const { leadership, fire } = await openCandidate();
    // First it is next in the queue, then the other stands.
    await vi.waitFor(async () => expect(await candidates()).toBe(2), { interval: 1 });
    const last = stand();
    await vi.waitFor(async () => expect(await candidates()).toBe(3), { interval: 1 });
    fire(stops);
    leader.resign();
    await leads(last);
    expect(leadership.isLeader()).toBe(false);
  });

  test('stands once again when it returns, though nothing else happened', async () => {
    const { leadership, fire } = await openCandidate();
    await leads(leadership);
    fire(stops);
    fire(returns);
    await leads(leadership);
    fire('resume');
    fire('pageshow');
    await vi.waitFor(async () => expect(await candidates()).toBe(1), { interval: 1 });
  });
});

test('a leader whose lock is stolen knows it, and leads again after the thief', async () => {
  const leadership = stand();
  await leads(leadership);
  let letGo = (): void => {};
  void navigator.locks.request(name, { steal: true }, () => new Promise<void>((resolve) => (letGo = resolve)));
  await vi.waitUntil(() => !leadership.isLeader(), { interval: 1 });
  await vi.waitFor(async () => expect(await candidates()).toBe(2), { interval: 1 });
  expect(leadership.isLeader()).toBe(false);
  letGo();
  await leads(leadership);
});

describe.each([
  ['has no locks (plain http)', "Object.defineProperty(navigator, 'locks', { value: undefined })"],
  [
    'is refused its locks (a sandboxed frame)',
    "LockManager.prototype.request = () => Promise.reject(new DOMException('', 'SecurityError'))",
  ],
  [
    'has locks that throw',
    "LockManager.prototype.request = () => { throw new TypeError('from a wrapper of the request') }",
  ],
])('a page that %s', (_, before) => {
  test('leads while it is seen', async () => {
    const { module, window } = await openPage<LeadershipModule>(MODULE, { before });
    const leadership = stand(module.lockLeadership);
    await leads(leadership);
    const visibility = vi.spyOn(window.document, 'visibilityState', 'get').mockReturnValue('hidden');
    expect(leadership.isLeader()).toBe(false);
    visibility.mockReturnValue('visible');
    expect(leadership.isLeader()).toBe(true);
    window.dispatchEvent(new window.PageTransitionEvent('pagehide', { persisted: true }));
    expect(leadership.isLeader()).toBe(false);
    window.dispatchEvent(new window.PageTransitionEvent('pageshow', { persisted: true }));
    await leads(leadership);
    leadership.resign();
    expect(leadership.isLeader()).toBe(false);
  });
});
