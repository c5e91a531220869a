/** The gate by itself: who leaves, in which order, and how many in one turn. */
import { expect, test } from 'vitest';
import { createGate } from '../../src/core/gate.ts';
import type { Clock } from '../../src/core/ports.ts';
import { manualClock, settle } from '../doubles/manual-clock.ts';

test('ten thousand leave in turns of 250, first in, first out, and others can come in between', async () => {
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
  const wait = (index: number) => gate.wait({}).then(() => void left.push(index));
  for (let index = 0; index < 10_000; index += 1) void wait(index);
  gate.release('all');
  for (let turn = 1; turn <= 40; turn += 1) {
    await settle();
    expect(left.length).toBe(turn * 250);
    expect(gate.isDraining()).toBe(turn < 40);
    turns.shift()?.();
  }
  expect(turns).toEqual([]);
  expect(left).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
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
  expect(gate.size()).toBe(0);
});
