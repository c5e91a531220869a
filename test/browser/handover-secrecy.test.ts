import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserDice } from '../../src/browser/dice.ts';
import { channelTabs, type ChannelTabs } from '../../src/browser/tabs.ts';
import type { Wanted } from '../../src/core/ports.ts';
import { ASK_TIME } from '../../src/core/timing.ts';
import { eavesdrop, type Fields } from './eavesdropper.ts';
import { stoppedClock } from './stopped-clock.ts';

const WANTED: Wanted = { epoch: 'one', generation: 3 };
const TOKENS = JSON.stringify({ accessToken: 'access-token-4d10', refreshToken: 'refresh-token-7c1f' });

let name: string;

function setUp(clock = stoppedClock()): ChannelTabs {
  const tabs = channelTabs({ name, clock, dice: browserDice() });
  onTestFinished(tabs.dispose);
  return tabs;
}

/** A tab that has the tokens. */
function setUpHolder(): void {
  setUp().answer(() => TOKENS);
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

describe('on the wire', () => {
  test('nothing of the tokens can be read', async () => {
    const wire = eavesdrop(name);
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
    const wire = eavesdrop(name);
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
    const wire = eavesdrop(name);
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
    const wire = eavesdrop(name);
    setUpHolder();
    const clock = stoppedClock();
    await setUp(clock).ask(WANTED);
    const old = await wire.next('answer');
    const lonely = `${name} elsewhere`;
    const tabs = channelTabs({ name: lonely, clock, dice: browserDice() });
    onTestFinished(tabs.dispose);
    name = lonely;
    const elsewhere = eavesdrop(name);
    const answer = tabs.ask(WANTED);
    const { id } = await elsewhere.next('ask');
    elsewhere.post({ ...old, id });
    elsewhere.post({ v: 1, kind: 'rotated', epoch: 'one', generation: 3 });
    await new Promise((resolve) => tabs.hear(resolve));
    clock.advance(ASK_TIME);
    expect(await answer).toBeUndefined();
  });
});
