import * as fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserDice } from '../../src/browser/dice.ts';
import { channelTabs, type ChannelTabs } from '../../src/browser/tabs.ts';
import type { Message } from '../../src/core/ports.ts';
import { openPage, openPages } from './frame.ts';
import { stoppedClock } from './stopped-clock.ts';

type TabsModule = typeof import('../../src/browser/tabs.ts');
const MODULE = '../../src/browser/tabs.ts';
const MESSAGE: Message = { v: 1, kind: 'rotated', epoch: 'one', generation: 3 };

let name: string;

function setUp(make = channelTabs): ChannelTabs {
  const tabs = make({ name, clock: stoppedClock(), dice: browserDice() });
  onTestFinished(tabs.dispose);
  return tabs;
}

/** Posts as another script of the origin would: in the package's envelope, with whatever inside. */
function forge(...contents: readonly unknown[]): void {
  const channel = new BroadcastChannel(name);
  for (const data of contents) channel.postMessage({ time: Date.now() * 1_000 + 1e9, type: 'message', data });
  channel.close();
}

const heard = (tabs: ChannelTabs): Promise<Message> => new Promise((resolve) => tabs.hear(resolve));
/** Announced until it is heard: the package loses messages of the millisecond in which a tab begins to listen. */
async function heardFrom(sender: ChannelTabs, receiver: ChannelTabs): Promise<Message | undefined> {
  const listener = vi.fn<(message: Message) => void>();
  receiver.hear(listener);
  await vi.waitFor(
    () => {
      sender.announce(MESSAGE);
      expect(listener).toHaveBeenCalled();
    },
    { interval: 2 },
  );
  return listener.mock.calls[0]?.[0];
}
const leads = (tabs: ChannelTabs): Promise<boolean> => vi.waitUntil(tabs.isLeader, { interval: 1, timeout: 5_000 });

beforeEach(() => {
  name = `tabs ${crypto.randomUUID()}`;
});

describe('a message', () => {
  test('is heard in every other tab, not in its own', async () => {
    const pages = await openPages<TabsModule>(2, MODULE);
    const others = pages.map(({ module }) => setUp(module.channelTabs));
    const tabs = setUp();
    const own = vi.fn();
    tabs.hear(own);
    for (const other of others) expect(await heardFrom(tabs, other)).toEqual(MESSAGE);
    expect(own).not.toHaveBeenCalled();
  });

  test('carries nothing but what it must', async () => {
    const channel = new BroadcastChannel(name);
    onTestFinished(() => channel.close());
    const posted = new Promise<unknown>((resolve) => {
      channel.onmessage = ({ data }: MessageEvent<{ type: string; data: unknown }>) => {
        if (data.type === 'message') resolve(data.data);
      };
    });
    const careless = { ...MESSAGE, refreshToken: 'refresh-token-7c1f' };
    setUp().announce(careless);
    expect(await posted).toEqual(MESSAGE);
  });

  const malformed: readonly unknown[] = [
    undefined,
    null,
    'rotated',
    1,
    [],
    [1, 'rotated', 'one', 3],
    {},
    new Map(Object.entries(MESSAGE)),
    { ...MESSAGE, v: 2 },
    { ...MESSAGE, v: '1' },
    { ...MESSAGE, kind: 'login' },
    { ...MESSAGE, kind: ['rotated'] },
    { ...MESSAGE, kind: 'toString' },
    { ...MESSAGE, kind: undefined },
    { ...MESSAGE, epoch: 1 },
    { ...MESSAGE, epoch: null },
    { ...MESSAGE, generation: '3' },
    { ...MESSAGE, generation: 1.5 },
    { ...MESSAGE, generation: -1 },
    { ...MESSAGE, generation: Number.NaN },
    { ...MESSAGE, generation: 2 ** 53 },
    { ...MESSAGE, generation: 3n },
    { v: 1, kind: 'rotated', epoch: 'one' },
    JSON.parse('{"__proto__":{"v":1,"kind":"rotated","epoch":"one","generation":3}}'),
  ];

  test('that is malformed is ignored', async () => {
    const tabs = setUp();
    const listener = vi.fn();
    tabs.hear(listener);
    const next = heard(tabs);
    forge(...malformed, MESSAGE);
    expect(await next).toEqual(MESSAGE);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('comes with its own known fields only, even on a polluted page', async () => {
    const tabs = setUp();
    const listener = vi.fn();
    tabs.hear(listener);
    for (const [field, value] of Object.entries(MESSAGE)) {
      Object.defineProperty(Object.prototype, field, { value, configurable: true });
      onTestFinished(() => void Reflect.deleteProperty(Object.prototype, field));
    }
    const next = heard(tabs);
    forge({}, { v: 1, kind: 'ended', epoch: 'two' }, { ...MESSAGE, generation: 9, command: 'alert' });
    const message = await next;
    expect(Object.entries(message)).toEqual(Object.entries({ ...MESSAGE, generation: 9 }));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('of whatever contents never does more than be heard as a message', async () => {
    const tabs = setUp();
    const listener = vi.fn<(message: Message) => void>();
    tabs.hear(listener);
    const fields = Object.entries(MESSAGE).map(([field, value]: [string, unknown]) => [
      field,
      fc.oneof(fc.constant(value), fc.anything()),
    ]);
    const contents = fc.sample(
      fc.oneof(fc.anything(), fc.record(Object.fromEntries(fields), { requiredKeys: [] })),
      500,
    );
    const cloneable = contents.filter((content) => {
      try {
        return structuredClone(content) !== Symbol();
      } catch {
        return false;
      }
    });
    const last = new Promise<void>((resolve) => {
      tabs.hear(({ epoch }) => epoch === 'the last one' && resolve());
    });
    forge(...cloneable, { ...MESSAGE, epoch: 'the last one' });
    await last;
    for (const [message] of listener.mock.calls) {
      expect(Object.keys(message)).toEqual(['v', 'kind', 'epoch', 'generation']);
      expect(message).toMatchObject({ v: 1, epoch: expect.any(String), generation: expect.any(Number) });
      expect(['started', 'rotated', 'ended']).toContain(message.kind);
    }
  });

  test('is heard by all listeners, though one throws, until they leave', async () => {
    const report = vi.spyOn(globalThis, 'reportError').mockImplementation(() => {});
    onTestFinished(() => report.mockRestore());
    const tabs = setUp();
    const failure = new Error('from the listener');
    const gone = vi.fn();
    tabs.hear(() => {
      throw failure;
    });
    const undo = tabs.hear(gone);
    undo();
    undo();
    const next = heard(tabs);
    forge(MESSAGE);
    await next;
    expect(report.mock.calls).toEqual([[failure]]);
    expect(gone).not.toHaveBeenCalled();
  });

  test('after the tab has left goes nowhere, and is no error', () => {
    const tabs = setUp();
    tabs.dispose();
    tabs.announce(MESSAGE);
  });
});

describe('the leader', () => {
  test('is one of the tabs, and when it closes another takes over', async () => {
    const pages = await openPages<TabsModule>(3, MODULE);
    let tabs = pages.map((page) => ({ ...page, tabs: setUp(page.module.channelTabs) }));
    for (let left = 3; left > 0; left -= 1) {
      const leader = await vi.waitUntil(() => tabs.find((tab) => tab.tabs.isLeader()), { interval: 1 });
      expect(tabs.filter((tab) => tab.tabs.isLeader())).toHaveLength(1);
      leader?.close();
      tabs = tabs.filter((tab) => tab !== leader);
    }
  });

  test('lets another lead when it is disposed of', async () => {
    const first = setUp();
    await leads(first);
    const second = setUp();
    first.dispose();
    first.dispose();
    await leads(second);
    expect(first.isLeader()).toBe(false);
  });

  test('steps back when its page goes into the back/forward cache, and is back after it', async () => {
    const { module, window } = await openPage<TabsModule>(MODULE);
    const first = setUp(module.channelTabs);
    await leads(first);
    const second = setUp();
    window.dispatchEvent(new window.PageTransitionEvent('pagehide', { persisted: true }));
    expect(first.isLeader()).toBe(false);
    await leads(second);
    first.announce(MESSAGE);
    window.dispatchEvent(new window.PageTransitionEvent('pageshow', { persisted: true }));
    expect(await heardFrom(second, first)).toEqual(MESSAGE);
    second.dispose();
    await leads(first);
  });

  test('goes on leading after a download link or a cancelled "leave page?"', async () => {
    const { module, window } = await openPage<TabsModule>(MODULE);
    const tabs = setUp(module.channelTabs);
    await leads(tabs);
    window.dispatchEvent(new window.Event('beforeunload'));
    expect(tabs.isLeader()).toBe(true);
  });

  test('is whoever is there when the election fails', async () => {
    const { module } = await openPage<TabsModule>(MODULE, {
      before: "LockManager.prototype.request = () => Promise.reject(new DOMException('', 'SecurityError'))",
    });
    const tabs = setUp(module.channelTabs);
    await leads(tabs);
    expect(tabs.missing()).toEqual([]);
  });
});

test('where there is no BroadcastChannel a leader is elected all the same, and the tab says what is missing', async () => {
  const { module } = await openPage<TabsModule>(MODULE, { before: 'delete window.BroadcastChannel' });
  const tabs = setUp(module.channelTabs);
  tabs.announce(MESSAGE);
  expect(await tabs.ask({ epoch: 'one', generation: 3 })).toBeUndefined();
  await leads(tabs);
  expect(tabs.missing()).toEqual(['BroadcastChannel']);
});
