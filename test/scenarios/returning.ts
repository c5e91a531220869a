/** Tabs that come back: restored, reloaded, out of the cache, online again, or to a storage that is gone. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Scenario } from './scenario.ts';
import { rotationsOf, SOON, untilHeld, untilLed, untilRotated } from './stage.ts';
import { expectKept, takeTally } from './tally.ts';

/** Seconds that a token lives that is not to die before the end. */
const LONG = 3600;

export const returning: readonly Scenario[] = [
  {
    name: 'ten tabs that are restored at once with a dead token, and call 20 times each',
    life: 20,
    tabs: 1,
    play: async (stage) => {
      const { demo, expect, open, strike, tabs } = stage;
      for (const tab of tabs()) {
        await strike(tab);
        await tab.leave('about:blank');
      }
      await wait(20_000);
      // However slow the machine is, no other token shall fall due.
      demo.control.issueFor(LONG);
      const restored = await Promise.all(Array.from({ length: 10 }, () => open({ waits: 1, calls: 20 })));
      await restored[0]?.ask('begin');
      await expect.poll(() => demo.control.counts().apiCalls, SOON).toEqual({ 200: 200 });
      expect(rotationsOf(stage)).toBe(1);
      expect(demo.control.counts().refusals).toEqual([]);
      return expectKept(stage);
    },
  },
  {
    name: 'five tabs that are reloaded at once in a rotation',
    life: 5,
    tabs: 5,
    play: async (stage) => {
      await untilRotated(stage, 1);
      // Also that of a tab which takes over from one that is gone already: an answer that its reload cut off would be lost.
      const hold = await untilHeld(stage, 'before', Infinity);
      await Promise.all(stage.tabs().map((tab) => tab.reload()));
      // By then the connections of the old pages are cut.
      await wait(1000);
      hold.release();
      await Promise.all(stage.tabs().map((tab) => tab.ask('call', 1)));
      await untilRotated(stage, 2);
      return expectKept(stage);
    },
  },
  {
    name: 'a tab that comes out of the back/forward cache after a sign-out elsewhere attaches nothing',
    needs: ['return'],
    life: 20,
    tabs: 2,
    isSeen: false,
    play: async (stage) => {
      const { demo, expect } = stage;
      const [cached, other] = stage.tabs();
      await cached?.leave(`${demo.issuer}/sign-in.css`);
      await other?.ask('end');
      await cached?.comeBack();
      const report = async (): Promise<unknown> => cached?.ask('report');
      await expect.poll(report, SOON).toMatchObject({ isCached: true, pending: 0, ends: ['signed-out'] });
      // The call that it made in the moment of its return went without a token, or not at all.
      expect(demo.control.counts().apiCalls['200']).toBeUndefined();
      expect(demo.control.counts().refusals.filter(({ reason }) => reason !== 'missing')).toEqual([]);
      return takeTally(stage);
    },
  },
  {
    name: 'five tabs that were offline until the token was dead, and call 20 times each',
    needs: ['offline'],
    life: 10,
    tabs: 5,
    play: async (stage) => {
      const { demo, expect, profile, tabs } = stage;
      await untilRotated(stage, 1);
      await profile.setOffline(true);
      const before = rotationsOf(stage);
      await wait(11_000);
      const calls = Promise.all(tabs().map((tab) => tab.ask('call', 20)));
      await wait(1000);
      expect(demo.control.counts().apiCalls).toEqual({});
      // Tabs go online one after the other: the first must not bring the others a token while they are still offline.
      const hold = demo.control.holdTokens('before', Infinity);
      demo.control.issueFor(LONG);
      await profile.setOffline(false);
      hold.release();
      expect((await calls).flat()).toEqual(Array.from({ length: 100 }, () => '200'));
      expect(rotationsOf(stage)).toBe(before + 1);
      expect(demo.control.counts().refusals).toEqual([]);
      return expectKept(stage);
    },
  },
  {
    name: 'five tabs whose databases are deleted in mid-session',
    life: 5,
    tabs: 5,
    play: async (stage) => {
      const { others } = await untilLed(stage);
      await Promise.all(stage.tabs().map((tab) => tab.ask('load', 1000)));
      await untilRotated(stage, 1);
      await others[0]?.ask('deleteDatabases');
      await untilRotated(stage, 4);
      await Promise.all(stage.tabs().map((tab) => tab.ask('load', 0)));
      return expectKept(stage);
    },
  },
];
