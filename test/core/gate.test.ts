/** The gate by itself: who leaves, in which order, and how many in one turn. */
import { expect, test } from 'vitest';
import { createGate, type Gate } from '../../src/core/gate.ts';
import type { Clock } from '../../src/core/ports.ts';
import { manualClock } from '../../src/testing/manual-clock.ts';
import { settle } from '../../src/testing/settle.ts';

/** A clock that stands still, and whose alarms go off when they are called. */
function turnClock() {
  const time = { passed: 0 };
  const turns: (() => void)[] = [];
  const clock: Clock = {
    ...manualClock(),
    monotonic: () => time.passed,
    wake: (_instant, run) => {
      turns.push(run);
      return () => undefined;
    },
  };
  return { clock, time, turns };
}

test.each([
  ['leave', (gate: Gate) => gate.release('all')],
  ['fail', (gate: Gate) => gate.reject(new Error('It failed for good.'))],
])('ten thousand %s in turns of 256 at the most, first in, first out', async (_, letGo) => {
  const turns: (() => void)[] = [];
  const real = manualClock();
  const clock: Clock = {
    ...real,
    wake: (instant, run) => {
      if (instant > real.now()) return real.wake(instant, run);
      turns.push(run);
      return () => undefined;
    },
  };
  const gate = createGate(clock, { limit: 20_000, timeout: 60_000 });
  const left: number[] = [];
  const wait = (index: number) =>
    gate
      .wait({})
      .finally(() => void left.push(index))
      .catch(() => undefined);
  for (let index = 0; index < 10_000; index += 1) void wait(index);
  letGo(gate);
  for (let before = 0; before < 10_000; before = left.length) {
    await settle();
    expect(left.length - before).toBeGreaterThan(0);
    expect(left.length - before).toBeLessThanOrEqual(256);
    expect(gate.isDraining()).toBe(left.length < 10_000);
    turns.shift()?.();
  }
  expect(turns).toEqual([]);
  expect(left).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
});

test('whoever was let go, and has not had its turn when all fail, fails; the last of them at once', async () => {
  const clock = manualClock();
  const gate = createGate(clock, { limit: 20_000, timeout: 60_000 });
  const ends: string[] = [];
  for (let index = 0; index < 200; index += 1)
    void gate.wait({}).then(
      () => ends.push('went'),
      (error: Error) => ends.push(error.message),
    );
  gate.release('all');
  gate.reject(new Error('somebody else'));
  expect(gate.size()).toBe(168);
  gate.reject(new Error('disposed'), true);
  await settle();
  expect([ends.length, ends.filter((end) => end === 'went').length]).toEqual([200, 32]);
  expect([ends.at(-1), gate.size()]).toEqual(['disposed', 0]);
});

test('whoever leaves by itself while others take their turn is not let go twice', async () => {
  const clock = manualClock();
  const gate = createGate(clock, { limit: 20_000, timeout: 60_000 });
  const controller = new AbortController();
  for (let index = 0; index < 250; index += 1) void gate.wait({});
  const last = gate.wait({ signal: controller.signal });
  gate.release('all');
  controller.abort('the user left');
  await expect(last).rejects.toBe('the user left');
  await clock.advance(0.1);
  expect(gate.size()).toBe(0);
});

test('fewer leave in one turn while what they do takes long', async () => {
  const { clock, time, turns } = turnClock();
  const gate = createGate(clock, { limit: 20_000, timeout: 60_000 });
  let left = 0;
  const work = () => {
    left += 1;
    time.passed += 5;
  };
  for (let index = 0; index < 100; index += 1) void gate.wait({ patience: 1_000 }).then(work);
  turns.length = 0; // The alarms.
  gate.release('all');
  const sizes: number[] = [];
  while (left < 100) {
    const before = left;
    await settle();
    sizes.push(left - before);
    turns.shift()?.();
  }
  expect(sizes.slice(0, 4)).toEqual([32, 16, 8, 4]);
  expect(Math.max(...sizes.slice(3))).toBeLessThanOrEqual(4);
});

test('where timers are throttled as many leave in one turn as otherwise', async () => {
  const { clock, time, turns } = turnClock();
  const gate = createGate(clock, { limit: 20_000, timeout: 60_000 });
  let left = 0;
  for (let index = 0; index < 10_000; index += 1) void gate.wait({}).then(() => (left += 1));
  turns.length = 0; // The alarms.
  gate.release('all');
  while (left < 10_000) {
    await settle();
    time.passed += 1_000;
    turns.shift()?.();
  }
  expect(time.passed).toBeLessThan(60_000);
});

test('whoever comes while others take their turn leaves right after them', async () => {
  const clock = manualClock();
  const gate = createGate(clock, { limit: 20_000, timeout: 60_000 });
  const order: string[] = [];
  for (let index = 0; index < 100; index += 1) void gate.wait({}).then(() => order.push('waited'));
  gate.release('all');
  void gate.wait({ patience: Number.POSITIVE_INFINITY, isNext: true }).then(() => order.push('came later'));
  await clock.advance(0.01);
  expect(order.length).toBe(101);
  expect(order.at(-1)).toBe('came later');
});

test('what is no signal is refused, and in nobody’s way', async () => {
  const clock = manualClock();
  const gate = createGate(clock, { limit: 20_000, timeout: 60_000 });
  const first = gate.wait({});
  await expect(gate.wait({ signal: new AbortController() as unknown as AbortSignal })).rejects.toBeInstanceOf(
    TypeError,
  );
  const last = gate.wait({});
  gate.release('all');
  await Promise.all([first, last]);
  expect([gate.size(), gate.needy()]).toEqual([0, 0]);
});
