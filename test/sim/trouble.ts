/** Trouble that comes by itself: what goes wrong with pages, machine, network and server from time to time. */
import type { Fault } from './faults.ts';
import type { Tab } from './tab.ts';
import type { User } from './user.ts';
import type { World } from './world.ts';

export function makeTrouble(world: World, user: User): void {
  const { channel, faults, machine, network, random, referee, server, timeline } = world;

  const often = (kind: Fault, then: () => void): void => {
    const wait = faults.wait(kind);
    if (wait === undefined) return;
    timeline.after(wait, () => {
      if (faults.happens(kind)) {
        referee.trace(0, kind);
        then();
      }
      often(kind, then);
    });
  };
  const withTab = (then: (tab: Tab) => void) => () => {
    const tabs = user.tabs();
    if (tabs.length > 0) then(random.pick(tabs));
  };
  const comeBack = (): void => {
    for (const tab of user.tabs()) if (random.isHit(0.7)) tab.comeBack();
  };

  often(
    'crash',
    withTab(({ page }) => page.destroy()),
  );
  often(
    'close',
    withTab(({ page }) => page.destroy()),
  );
  often(
    'reload',
    withTab((tab) => {
      tab.page.destroy();
      timeline.after(random.between(20, 500), user.open);
    }),
  );
  often(
    'freeze',
    withTab((tab) => {
      const time = faults.freezeTime();
      tab.page.freeze(time);
      timeline.after(time, () => random.isHit(0.5) && tab.comeBack());
    }),
  );
  often('offline', () => {
    network.goOffline();
    timeline.after(random.between(500, 60_000), () => {
      network.goOnline();
      comeBack();
    });
  });
  often('clock ahead', () => machine.jump(random.between(60_000, 3_600_000)));
  often('clock back', () => machine.jump(-random.between(60_000, 3_600_000)));
  often('sleep', () => {
    const time = random.pick([random.between(3_000, 30_000), random.between(30_000, 120_000)]);
    machine.sleep(time);
    timeline.after(time + random.between(1, 2_000), comeBack);
  });
  often('no leader', () => channel.loseLeader(random.between(5_000, 120_000)));
  often('two leaders', () => channel.doubleLeader(random.between(5_000, 120_000)));
  often('tokens withdrawn', () => server.replaceKeys());
  often('grant revoked', () => {
    const grant = server.grants().at(-1);
    if (grant !== undefined) server.withdraw(grant);
  });
}
