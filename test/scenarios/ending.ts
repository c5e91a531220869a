/** The session ends, or becomes somebody else's, while something is under way. */
import type { EndReason } from 'holdfast';
import { present } from '../e2e/user.ts';
import type { Tab } from './engine.ts';
import type { Scenario } from './scenario.ts';
import { SOON, untilLed, untilRequested, untilRotated, type Stage } from './stage.ts';
import { takeTally } from './tally.ts';

async function untilEnded({ expect }: Stage, tabs: readonly Tab[], reason: EndReason): Promise<void> {
  const ends = async (): Promise<unknown> => Promise.all(tabs.map(async (tab) => (await tab.ask('report')).ends));
  await expect.poll(ends, SOON).toEqual(tabs.map(() => [reason]));
}

const moments = {
  'that the server has not looked at yet': { delay: { before: 1500 }, until: untilRequested },
  'whose answer is on its way': { delay: { after: 1500 }, until: (stage: Stage) => untilRotated(stage, 1) },
} as const;

const signOuts = Object.entries(moments).map(
  ([rotation, { delay, until }]): Scenario => ({
    name: `somebody signs out in another tab during a rotation ${rotation}`,
    life: 5,
    tabs: 5,
    play: async (stage) => {
      const { demo, expect } = stage;
      const { others } = await untilLed(stage);
      demo.control.delayTokens(delay);
      await until(stage);
      await others[0]?.ask('end');
      await untilEnded(stage, stage.tabs(), 'signed-out');
      await expect.poll(() => demo.control.counts().revocations.revoked, SOON).toBeGreaterThan(0);
      demo.control.delayTokens({});
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
      const { demo, enter, expect, tabs } = stage;
      const [first, ...others] = tabs();
      demo.control.delayTokens({ before: 8000 });
      await untilRequested(stage);
      demo.control.delayTokens({});
      const isStale = async (): Promise<unknown> =>
        Promise.all(others.map(async (tab) => (await tab.ask('inspect')).state.status));
      await expect.poll(isStale, SOON).toEqual(others.map(() => 'stale'));
      const calls = Promise.all(others.map((tab) => tab.ask('call', 20)));
      const waiting = async (): Promise<unknown> =>
        Promise.all(others.map(async (tab) => (await tab.ask('inspect')).waiting));
      await expect.poll(waiting, SOON).toEqual(others.map(() => 20));
      if (first !== undefined) await enter(first, 'grace');
      await untilEnded(stage, others, 'replaced');
      expect((await calls).flat()).toEqual(Array.from({ length: 80 }, () => 'SessionEndedError'));
      expect(demo.control.counts().apiCalls).toEqual({});
      expect(await first?.ask('call', 1)).toEqual(['200']);
      return takeTally(stage);
    },
  },
];
