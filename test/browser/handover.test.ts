import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserDice } from '../../src/browser/dice.ts';
import { channelTabs, type ChannelTabs } from '../../src/browser/tabs.ts';
import type { Clock, Wanted } from '../../src/core/ports.ts';
import { ASK_TIME } from '../../src/core/timing.ts';
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

type Fields = Readonly<Record<string, unknown>>;

/** Another script of the origin: sees all that is posted, and posts what it likes. */
function spy() {
  const channel = new BroadcastChannel(name);
  onTestFinished(() => channel.close());
  const posted: Fields[] = [];
  channel.onmessage = ({ data }: MessageEvent<{ readonly data: Fields }>) => void posted.push(data.data);
  const next = (kind: string): Promise<Fields> =>
    vi.waitUntil(() => posted.find((message) => message['kind'] === kind), { interval: 1 });
  const post = (data: unknown): void => channel.postMessage({ time: 0, type: 'message', data });
  return { posted, next, post };
}

/** All text and bytes in it, as one string. */
function contents(value: unknown): string {
  if (value instanceof ArrayBuffer) return String.fromCharCode(...new Uint8Array(value));
  if (typeof value === 'object' && value !== null) return Object.values(value).map(contents).join('\n');
  return String(value);
}

beforeEach(() => {
  name = `handover ${crypto.randomUUID()}`;
});

describe('a tab that lacks tokens', () => {
  test('gets them from a tab that has them', async () => {
    const { module } = await openPage<TabsModule>(MODULE);
    const find = vi.fn(() => TOKENS);
    setUp({ make: module.channelTabs }).answer(find);
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    expect(find).toHaveBeenCalledTimes(1);
    expect(find).toHaveBeenCalledWith(expect.objectContaining(WANTED));
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
    const tabs = setUp();
    expect(await tabs.ask(WANTED)).toBe(TOKENS);
    expect(await tabs.ask(WANTED)).toBe(TOKENS);
  });

  test('gets nothing from those who have nothing, nor from itself', async () => {
    const clock = stoppedClock();
    const wire = spy();
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
    const wire = spy();
    const answer = setUp({ clock }).ask(WANTED).then(settled);
    await wire.next('ask');
    clock.advance(ASK_TIME - 1);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    clock.advance(1);
    await answer;
    expect(settled).toHaveBeenCalledWith(undefined);
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
    const wire = spy();
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
    const wire = spy();
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

describe('on the wire', () => {
  test('nothing of the tokens can be read', async () => {
    const wire = spy();
    setUpHolder();
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    await wire.next('answer');
    expect(wire.posted.map((message) => Object.keys(message))).toEqual([
      ['v', 'kind', 'id', 'epoch', 'generation', 'key'],
      ['v', 'kind', 'id', 'key', 'iv', 'data'],
    ]);
    const seen = contents(wire.posted);
    for (let at = 0; at + 6 <= TOKENS.length; at += 1) expect(seen).not.toContain(TOKENS.slice(at, at + 6));
    expect(seen).toContain(WANTED.epoch);
  });

  test('every question and every answer has keys of its own', async () => {
    const wire = spy();
    setUpHolder();
    const tabs = setUp();
    await tabs.ask(WANTED);
    await tabs.ask(WANTED);
    await vi.waitFor(() => expect(wire.posted).toHaveLength(4), { interval: 1 });
    expect(new Set(wire.posted.map(({ key }) => contents(key))).size).toBe(4);
    expect(new Set(wire.posted.map(({ id }) => id)).size).toBe(2);
  });

  test('the private keys cannot be read out', async () => {
    const generate = vi.spyOn(SubtleCrypto.prototype, 'generateKey');
    onTestFinished(() => generate.mockRestore());
    setUpHolder();
    await setUp().ask(WANTED);
    expect(generate.mock.calls.map(([, isExtractable]) => isExtractable)).toEqual([false, false]);
  });
});

describe('an answer', () => {
  /** A question whose genuine answer is known but has not come. */
  async function intercept() {
    const wire = spy();
    const tabs = setUp();
    const answer = tabs.ask(WANTED);
    const question = await wire.next('ask');
    // Asked again by the spy, in the asking tab's words, and answered by a tab that was not there before.
    setUpHolder();
    const ask = (changed: Fields = {}): void => wire.post({ ...question, ...changed });
    return { ...wire, question, answer, ask };
  }

  test('that is forged or garbled is ignored, and a good one still counts', async () => {
    const { question, answer, ask, post } = await intercept();
    const { id, key } = question;
    const sound = { v: 1, kind: 'answer', id, key, iv: new ArrayBuffer(12), data: new ArrayBuffer(40) };
    const forged: readonly unknown[] = [
      sound,
      { ...sound, key: new ArrayBuffer(65) },
      { ...sound, key: new ArrayBuffer(0) },
      { ...sound, iv: new ArrayBuffer(0) },
      { ...sound, data: new ArrayBuffer(0) },
      { ...sound, key: 'text' },
      { ...sound, iv: undefined },
      { ...sound, data: TOKENS },
      { ...sound, data: new Uint8Array(40) },
      { ...sound, id: 1 },
      { ...sound, id: 'another question' },
      { ...sound, v: 2 },
      { v: 1, kind: 'answer', id },
    ];
    for (const message of forged) post(message);
    ask();
    expect(await answer).toBe(TOKENS);
    for (const message of forged) post(message);
  });

  test.each([
    ['epoch', { epoch: 'two' }],
    ['generation', { generation: 4 }],
  ])('is bound to the %s that was asked for', async (_, changed) => {
    const { answer, ask, next, posted } = await intercept();
    const settled = vi.fn();
    void answer.then(settled);
    ask(changed);
    await next('answer');
    ask();
    expect(await answer).toBe(TOKENS);
    // The first answer came before, and was none.
    expect(posted.filter(({ kind }) => kind === 'answer').length).toBe(2);
  });

  test('cannot be used for another question', async () => {
    const wire = spy();
    setUpHolder();
    const clock = stoppedClock();
    await setUp({ clock }).ask(WANTED);
    const old = await wire.next('answer');
    const lonely = `${name} elsewhere`;
    const tabs = channelTabs({ name: lonely, clock, dice: browserDice() });
    onTestFinished(tabs.dispose);
    name = lonely;
    const elsewhere = spy();
    const answer = tabs.ask(WANTED);
    const { id } = await elsewhere.next('ask');
    elsewhere.post({ ...old, id });
    elsewhere.post({ v: 1, kind: 'rotated', epoch: 'one', generation: 3 });
    await new Promise((resolve) => tabs.hear(resolve));
    clock.advance(ASK_TIME);
    expect(await answer).toBeUndefined();
  });
});

describe('a question', () => {
  const malformed: readonly Fields[] = [
    { v: 2 },
    { v: undefined },
    { kind: 'question' },
    { id: 1 },
    { epoch: 1 },
    { generation: '3' },
    { generation: -1 },
    { generation: 1.5 },
    { key: undefined },
    { key: 'text' },
    { key: new Uint8Array(65) },
  ];

  test('that is malformed is not answered', async () => {
    const wire = spy();
    const holder = setUp();
    const find = vi.fn(() => TOKENS);
    holder.answer(find);
    const question = { v: 1, kind: 'ask', id: 'one', ...WANTED, key: new ArrayBuffer(65) };
    for (const change of malformed) wire.post({ ...question, ...change });
    expect(await setUp().ask(WANTED)).toBe(TOKENS);
    expect(find).toHaveBeenCalledTimes(1);
  });

  test('with a key that is none is not answered, and is no error of the app', async () => {
    const failed = vi.fn();
    const report = vi.spyOn(globalThis, 'reportError').mockImplementation(failed);
    onTestFinished(() => report.mockRestore());
    addEventListener('unhandledrejection', failed);
    onTestFinished(() => removeEventListener('unhandledrejection', failed));
    const wire = spy();
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
    const wire = spy();
    const tabs = setUp({ clock });
    const answer = tabs.ask(WANTED);
    await wire.next('ask');
    clock.advance(ASK_TIME);
    expect(await answer).toBeUndefined();
    window.dispatchEvent(new window.PageTransitionEvent('pageshow', { persisted: true }));
    expect(await tabs.ask(WANTED)).toBe(TOKENS);
    expect(find).toHaveBeenCalledTimes(1);
  });
});
