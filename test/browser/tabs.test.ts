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
const leads = (tabs: ChannelTabs): Promise<boolean> => vi.waitUntil(tabs.isLeader, { interval: 1 });

/** Everything that becomes an error of the app's. */
function watchErrors() {
  const failed = vi.fn<(event: Event) => void>((event) => event.preventDefault());
  for (const type of ['error', 'unhandledrejection']) {
    addEventListener(type, failed);
    onTestFinished(() => removeEventListener(type, failed));
  }
  return failed;
}

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
    const messages = Promise.all(others.map(heard));
    tabs.announce(MESSAGE);
    expect(await messages).toEqual([MESSAGE, MESSAGE]);
    expect(own).not.toHaveBeenCalled();
  });

  test('is heard though the clock was set back after the tab began to listen', async () => {
    const tabs = setUp();
    const { module } = await openPage<TabsModule>(MODULE, {
      before: 'const { now } = Date; Date.now = () => now() - 3_600_000',
    });
    const message = heard(tabs);
    setUp(module.channelTabs).announce(MESSAGE);
    expect(await message).toEqual(MESSAGE);
  });

  test('is heard though another script posts in the same channel what is not ours', async () => {
    const failed = watchErrors();
    const tabs = setUp();
    const message = heard(tabs);
    const channel = new BroadcastChannel(name);
    onTestFinished(() => channel.close());
    const foreign: readonly unknown[] = [
      undefined,
      null,
      'text',
      7n,
      {},
      [],
      { type: 'unknown' },
      { type: 'internal', time: 0, data: { context: 'leader', action: 'death' } },
      { time: 'text', type: '__proto__', data: null },
    ];
    for (const data of foreign) channel.postMessage(data);
    setUp().announce(MESSAGE);
    expect(await message).toEqual(MESSAGE);
    expect(failed).not.toHaveBeenCalled();
  });

  test('that cannot be posted is lost, and is no error', async () => {
    const failed = watchErrors();
    const { module, window } = await openPage<TabsModule>(MODULE);
    const tabs = setUp(module.channelTabs);
    const post = vi.spyOn(window.BroadcastChannel.prototype, 'postMessage').mockImplementationOnce(() => {
      throw new DOMException('no memory', 'DataCloneError');
    });
    const close = vi.spyOn(window.BroadcastChannel.prototype, 'close');
    const other = heard(setUp());
    tabs.announce({ ...MESSAGE, kind: 'started' });
    tabs.announce(MESSAGE);
    expect(await other).toEqual(MESSAGE);
    expect(post).toHaveBeenCalledTimes(2);
    tabs.dispose();
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1), { interval: 1 });
    expect(failed).not.toHaveBeenCalled();
  });

  test('announced just before the tab leaves still goes out', async () => {
    const message = heard(setUp());
    const tabs = setUp();
    tabs.announce(MESSAGE);
    tabs.dispose();
    expect(await message).toEqual(MESSAGE);
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

  test('that is malformed is ignored', async () => {
    const tabs = setUp();
    const listener = vi.fn();
    tabs.hear(listener);
    const next = heard(tabs);
    forge(undefined, 'rotated', {}, { ...MESSAGE, v: 2 }, { ...MESSAGE, generation: '3' }, MESSAGE);
    expect(await next).toEqual(MESSAGE);
    expect(listener).toHaveBeenCalledTimes(1);
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

describe('a tab', () => {
  test('leaves the channel before it goes into the back/forward cache, and is in it again when it returns', async () => {
    const { module, window } = await openPage<TabsModule>(MODULE);
    const close = vi.spyOn(window.BroadcastChannel.prototype, 'close');
    const tabs = setUp(module.channelTabs);
    const listener = vi.fn();
    tabs.hear(listener);
    const [other, witness] = [setUp(), setUp()];

    window.dispatchEvent(new window.PageTransitionEvent('pagehide', { persisted: true }));
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1), { interval: 1 });
    const missed = heard(witness);
    tabs.announce({ ...MESSAGE, kind: 'started' });
    other.announce({ ...MESSAGE, kind: 'ended' });
    expect(await missed).toMatchObject({ kind: 'ended' });

    window.document.dispatchEvent(new window.Event('resume'));
    window.dispatchEvent(new window.PageTransitionEvent('pageshow', { persisted: true }));
    const message = heard(tabs);
    other.announce(MESSAGE);
    expect(await message).toEqual(MESSAGE);
    expect(listener.mock.calls).toEqual([[MESSAGE]]);
  });

  test('hears nothing while it is frozen, and hears again afterwards', async () => {
    const { module, window } = await openPage<TabsModule>(MODULE);
    const tabs = setUp(module.channelTabs);
    const listener = vi.fn();
    tabs.hear(listener);
    const [other, witness] = [setUp(), setUp()];

    window.document.dispatchEvent(new window.Event('freeze'));
    const missed = heard(witness);
    other.announce({ ...MESSAGE, kind: 'ended' });
    await missed;

    window.document.dispatchEvent(new window.Event('resume'));
    const message = heard(tabs);
    other.announce(MESSAGE);
    expect(await message).toEqual(MESSAGE);
    expect(listener.mock.calls).toEqual([[MESSAGE]]);
  });

  test('that resigns lets another lead, and still tells what it does', async () => {
    const first = setUp();
    await leads(first);
    const second = setUp();
    const message = heard(second);
    first.resign();
    first.resign();
    expect(first.isLeader()).toBe(false);
    await leads(second);
    first.announce(MESSAGE);
    expect(await message).toEqual(MESSAGE);
  });

  test('that is disposed of lets another lead', async () => {
    const first = setUp();
    await leads(first);
    const second = setUp();
    first.dispose();
    first.dispose();
    await leads(second);
    expect(first.isLeader()).toBe(false);
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
