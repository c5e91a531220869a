/** The session ends, or becomes somebody else's, while something is under way. */
import type { EndReason } from 'holdfast';
import { present } from '../e2e/user.ts';
import type { Tab } from './engine.ts';
import type { Scenario } from './scenario.ts';
import { signIn } from './sign-in.ts';
import { SOON, untilHeld, untilLed, type Stage } from './stage.ts';
import { takeTally } from './tally.ts';

async function untilEnded({ expect }: Stage, tabs: readonly Tab[], reason: EndReason): Promise<void> {
  const ends = async (): Promise<unknown> => Promise.all(tabs.map(async (tab) => (await tab.ask('report')).ends));
  await expect.poll(ends, SOON).toEqual(tabs.map(() => [reason]));
}

const moments = {
  'that the server has not looked at yet': 'before',
  'whose answer is on its way': 'after',
} as const;

const signOuts = Object.entries(moments).map(
  ([rotation, moment]): Scenario => ({
    name: `somebody signs out in another tab during a rotation ${rotation}`,
    life: 5,
    tabs: 5,
    play: async (stage) => {
      const { demo, expect } = stage;
      const { others } = await untilLed(stage);
      const hold = await untilHeld(stage, moment);
      await others[0]?.ask('end');
      await untilEnded(stage, stage.tabs(), 'signed-out');
      await expect.poll(() => demo.control.counts().revocations.revoked, SOON).toBeGreaterThan(0);
      hold.release();
      expect(await present(demo, demo.control.issued().at(-1)?.refreshToken)).toBe('invalid_grant');
      return takeTally(stage);
    },
  }),
);

export const ending: readonly Scenario[] = [
  ...signOuts,
  {
    name: 'another user signs in while calls wait: they are rejected, and none goes out as the other',
    life: 5,
    tabs: 5,
    play: async (stage) => {
      const { demo, expect, tabs } = stage;
      const [first, ...others] = tabs();
      const response = await signIn(demo, 'grace');
      // All that come: nobody may rotate until the other user is there.
      const hold = await untilHeld(stage, 'before', Infinity);
      const isStale = async (): Promise<unknown> =>
        Promise.all(others.map(async (tab) => (await tab.ask('inspect')).state.status));
      await expect.poll(isStale, SOON).toEqual(others.map(() => 'stale'));
      await Promise.all(others.map((tab) => tab.ask('callAside', 20)));
      const waiting = async (): Promise<unknown> =>
        Promise.all(others.map(async (tab) => (await tab.ask('inspect')).waiting));
      await expect.poll(waiting, SOON).toEqual(others.map(() => 20));
      await first?.ask('start', response, 'grace');
      await untilEnded(stage, others, 'replaced');
      const calls = async (): Promise<unknown> =>
        Promise.all(others.map(async (tab) => (await tab.ask('report')).calls));
      await expect.poll(calls, SOON).toEqual(others.map(() => ({ SessionEndedError: 20 })));
      expect(demo.control.counts().apiCalls).toEqual({});
      hold.release();
      expect(await first?.ask('call', 1)).toEqual(['200']);
      return takeTally(stage);
    },
  },
];
