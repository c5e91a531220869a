/** The arithmetic of time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failedAgain, learnSkew, leewayOf, retryAt, rotateAfter, type Failures } from '../../src/core/timing.ts';

test.each([
  [3_600_000, undefined, 30_000],
  [60_000, undefined, 15_000],
  [20_000, undefined, 5_000],
  [600_000, 300_000, 300_000],
  [300_000, 300_000, 30_000],
  [300_000, 0, 0],
])('of a life of %i ms with a leeway of %s ms given, the last %i ms count as dead', (life, given, leeway) => {
  expect(leewayOf(life, given)).toBe(leeway);
});

test('a rotation falls inside its range', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10_000, max: 1e10 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (life, roll) => {
        const leeway = leewayOf(life, undefined);
        const after = rotateAfter(life, leeway, [0.75, 0.9], roll);
        expect(after).toBeGreaterThanOrEqual((life - leeway) * 0.75 - 1);
        expect(after).toBeLessThanOrEqual((life - leeway) * 0.9 + 1);
      },
    ),
  );
});

test('whatever the dice say, no minute sees more than six failures', () => {
  const rolls = fc.array(fc.record({ roll: fc.double({ min: 0, max: 0.999, noNaN: true }), waiting: fc.boolean() }), {
    minLength: 20,
    maxLength: 60,
  });
  fc.assert(
    fc.property(rolls, (tries) => {
      let failures: Failures | undefined;
      let now = 1e12;
      const at: number[] = [];
      for (const { roll, waiting } of tries) {
        at.push(now);
        failures = failedAgain(failures, { now, roll, waiting });
        now = Math.max(now, retryAt(failures, waiting));
      }
      for (const instant of at)
        expect(at.filter((other) => other >= instant && other < instant + 60_000).length).toBeLessThanOrEqual(6);
    }),
  );
});

test('a try is never more than a minute away while somebody waits, unless the server asked for more', () => {
  const failures = { count: 20, recent: [1_000_000], retryAt: 1_290_000 };
  expect(retryAt(failures, false)).toBe(1_290_000);
  expect(retryAt(failures, true)).toBe(1_060_000);
  expect(retryAt({ ...failures, heldUntil: 1_200_000 }, true)).toBe(1_200_000);
});

test('what the server asks for is a floor, with jitter, and at most an hour', () => {
  const at = { now: 0, waiting: true };
  expect(failedAgain(undefined, { ...at, roll: 0, retryAfter: 30_000 }).retryAt).toBe(30_000);
  expect(failedAgain(undefined, { ...at, roll: 0.5, retryAfter: 30_000 }).retryAt).toBe(45_000);
  expect(failedAgain(undefined, { ...at, roll: 0, retryAfter: 1e12 }).retryAt).toBe(3_600_000);
});

test('what the server has asked for stands when another try fails before that, unless the clock was set back', () => {
  const at = { roll: 0, waiting: true };
  const first = failedAgain(undefined, { ...at, now: 1_000_000, retryAfter: 600_000 });
  const second = failedAgain(first, { ...at, now: 1_005_000 });
  expect(retryAt(second, true)).toBe(1_600_000);
  expect(failedAgain(second, { ...at, now: 1_006_000, retryAfter: 1_000 }).retryAt).toBe(1_600_000);
  expect(failedAgain(second, { ...at, now: 900_000 }).retryAt).toBe(901_000);
});

test('skew is learnt from the shortest round trip', () => {
  const first = learnSkew(undefined, { sentAt: 1_000, receivedAt: 1_400, serverTime: 5_200 });
  expect(first).toEqual({ offset: 4_000, roundTrip: 400 });
  expect(learnSkew(first, { sentAt: 1_000, receivedAt: 9_000, serverTime: 99_000 })).toBe(first);
  expect(learnSkew(first, { sentAt: 2_000, receivedAt: 2_100, serverTime: 6_000 })).toEqual({
    offset: 3_950,
    roundTrip: 100,
  });
  expect(learnSkew(first, { sentAt: 2_000, receivedAt: 1_000, serverTime: 6_000 })).toBe(first);
});
