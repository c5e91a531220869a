import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserDice } from '../../src/browser/dice.ts';
import { channelTabs, type ChannelTabs } from '../../src/browser/tabs.ts';
import type { Clock, Wanted } from '../../src/core/ports.ts';
import { ASK_TIME } from '../../src/core/timing.ts';
import { eavesdrop } from './eavesdropper.ts';
import { openPage, openPages } from './frame.ts';
import { stoppedClock } from './stopped-clock.ts';

type TabsModule = typeof import('../../src/browser/tabs.ts');
const MODULE = '../../src/browser/tabs.ts';
const WANTED: Wanted = { epoch: 'one', generation: 3 };
const TOKENS = JSON.stringify({ accessToken: 'access-token-4d10', refreshToken: 'refresh-token-7c1f' });

let name: string;

function setUp({ make = channelTabs, clock = stoppedClock() }: { make?: typeof channelTabs; clock?: Clock } = {}) {
  const tabs = make({ name, clock, dice: browserDice() });
  onTestFinished(tabs.dispose);
  return tabs;
}

/** A tab that has the tokens. */
function setUpHolder(): ChannelTabs {
  const tabs = setUp();
  tabs.answer(() => TOKENS);
  return tabs;
}

/** Another page's lock takes a moment; whoever asks before that is sure to be alone. */
const present = (tabs: number): Promise<void> =>
  vi.waitFor(async () => {
    const { held = [] } = await navigator.locks.query();
    expect(held.filter((lock) => lock.name === `${name}/present`).length).toBeGreaterThanOrEqual(tabs);
  });

beforeEach(() => {
  name = `handover ${crypto.randomUUID()}`;
});

describe('a tab that lacks tokens', () => {
  test('gets them from a tab that has them', async () => {
    const { module } = await openPage<TabsModule>(MODULE);
    const find = vi.fn(() => TOKENS);
    setUp({ make: module.channelTabs }).answer(find);
    await present(1);
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    expect(find).toHaveBeenCalledTimes(1);
    expect(find).toHaveBeenCalledWith(WANTED);
  });

  test('gets each of its questions answered, however many it asks at once', async () => {
    const holder = setUp();
    holder.answer(({ epoch, generation }) => `${epoch} ${generation}`);
    const tabs = setUp();
    const questions = ['one', 'two', 'three'].map((epoch, generation) => tabs.ask({ epoch, generation }));
    expect(await Promise.all(questions)).toEqual(['one 0', 'two 1', 'three 2']);
  });

  test('takes the first answer where several tabs have them', async () => {
    const pages = await openPages<TabsModule>(3, MODULE);
    for (const { module } of pages) setUp({ make: module.channelTabs }).answer(() => TOKENS);
    await present(3);
    const tabs = setUp();
    expect(await tabs.ask(WANTED)).toBe(TOKENS);
    expect(await tabs.ask(WANTED)).toBe(TOKENS);
  });

  test('gets nothing from those who have nothing, nor from itself', async () => {
    const clock = stoppedClock();
    const wire = eavesdrop(name);
    const empty = setUp();
    const find = vi.fn(() => undefined);
    empty.answer(find);
    const former = setUp();
    former.answer(() => TOKENS)();
    const tabs = setUp({ clock });
    tabs.answer(() => TOKENS);
    const answer = tabs.ask(WANTED);
    await vi.waitFor(() => expect(find).toHaveBeenCalled(), { interval: 1 });
    clock.advance(ASK_TIME);
    expect(await answer).toBeUndefined();
    expect(wire.posted).toHaveLength(1);
  });

  test('waits for a second, not longer', async () => {
    const clock = stoppedClock();
    const settled = vi.fn();
    const wire = eavesdrop(name);
    const answer = setUp({ clock }).ask(WANTED).then(settled);
    await wire.next('ask');
    clock.advance(ASK_TIME - 1);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    clock.advance(1);
    await answer;
    expect(settled).toHaveBeenCalledWith(undefined);
  });

  test('hears at once that there is nobody to ask, when it is alone', async () => {
    expect(await setUp().ask(WANTED)).toBeUndefined();
  });

  test('hears at once that there is nobody to ask, after it has left', async () => {
    const tabs = setUp();
    setUpHolder();
    tabs.dispose();
    expect(await tabs.ask(WANTED)).toBeUndefined();
  });

  test.each([
    ['is disposed of', (tabs: ChannelTabs) => tabs.dispose()],
    ['goes into the back/forward cache', () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))],
  ])('waits no longer when it %s', async (_, leave) => {
    const tabs = setUp();
    const wire = eavesdrop(name);
    const early = tabs.ask(WANTED);
    await wire.next('ask');
    const late = tabs.ask(WANTED);
    leave(tabs);
    expect(await Promise.all([early, late])).toEqual([undefined, undefined]);
  });

  test('(on plain http) asks nobody: no answer could be sealed', async () => {
    const { module } = await openPage<TabsModule>(MODULE, {
      before: "Object.defineProperty(crypto, 'subtle', { value: undefined })",
    });
    const wire = eavesdrop(name);
    setUpHolder();
    const tabs = setUp({ make: module.channelTabs });
    tabs.answer(() => TOKENS);
    expect(await tabs.ask(WANTED)).toBeUndefined();
    // It cannot answer either, and another tab's question goes on.
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    expect(wire.posted.filter(({ kind }) => kind === 'ask')).toHaveLength(1);
  });

  test('gets nothing when its key cannot be made', async () => {
    const generate = vi.spyOn(SubtleCrypto.prototype, 'generateKey').mockRejectedValue(new Error('no entropy'));
    onTestFinished(() => generate.mockRestore());
    setUpHolder();
    expect(await setUp().ask(WANTED)).toBeUndefined();
  });
});

describe('a question', () => {
  test('that is malformed is not answered', async () => {
    const wire = eavesdrop(name);
    const holder = setUp();
    const find = vi.fn(() => TOKENS);
    holder.answer(find);
    const question = { v: 1, kind: 'ask', id: 'one', ...WANTED, key: new ArrayBuffer(65) };
    wire.post({ ...question, v: 2 });
    wire.post({ ...question, key: 'text' });
    wire.post({ ...question, generation: '3' });
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    expect(find).toHaveBeenCalledTimes(1);
  });

  test('with a key that is none is not answered, and is no error of the app', async () => {
    const failed = vi.fn();
    const report = vi.spyOn(globalThis, 'reportError').mockImplementation(failed);
    onTestFinished(() => report.mockRestore());
    addEventListener('unhandledrejection', failed);
    onTestFinished(() => removeEventListener('unhandledrejection', failed));
    const wire = eavesdrop(name);
    setUpHolder();
    wire.post({ v: 1, kind: 'ask', id: 'forged', ...WANTED, key: new ArrayBuffer(65) });
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    expect(wire.posted.some(({ kind, id }) => kind === 'answer' && id === 'forged')).toBe(false);
    expect(failed).not.toHaveBeenCalled();
  });

  test('is answered though one that looks for the tokens throws', async () => {
    const report = vi.spyOn(globalThis, 'reportError').mockImplementation(() => {});
    onTestFinished(() => report.mockRestore());
    const failure = new Error('from the finder');
    const holder = setUp();
    holder.answer(() => {
      throw failure;
    });
    holder.answer(() => TOKENS);
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    expect(report.mock.calls).toEqual([[failure]]);
  });

  test('is not answered by a page in the back/forward cache, and again when it is back', async () => {
    const { module, window } = await openPage<TabsModule>(MODULE);
    const find = vi.fn(() => TOKENS);
    setUp({ make: module.channelTabs }).answer(find);
    window.dispatchEvent(new window.PageTransitionEvent('pagehide', { persisted: true }));
    const clock = stoppedClock();
    const wire = eavesdrop(name);
    const tabs = setUp({ clock });
    const answer = tabs.ask(WANTED);
    await wire.next('ask');
    clock.advance(ASK_TIME);
    expect(await answer).toBeUndefined();
    window.dispatchEvent(new window.PageTransitionEvent('pageshow', { persisted: true }));
    await present(2);
    expect(await tabs.ask(WANTED)).toBe(TOKENS);
    expect(find).toHaveBeenCalledTimes(1);
  });
});
