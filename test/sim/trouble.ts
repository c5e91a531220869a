/** Trouble that comes by itself: what goes wrong with pages, machine, network and server from time to time. */
import type { Message } from '../../src/core/ports.ts';
import { NEWER } from './archive.ts';
import type { Fault } from './faults.ts';
import { isNewer, NEWER_SCHEMA } from './storage.ts';
import type { Tab } from './tab.ts';
import type { User } from './user.ts';
import type { World } from './world.ts';

export function makeTrouble(world: World, user: User): void {
  const { archive, channel, faults, machine, network, random, referee, server, storage, timeline } = world;

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
  often(
    'main thread blocked',
    withTab(({ page }) => page.block(random.pick([random.between(50, 3_000), random.between(3_000, 30_000)]))),
  );
  often('storage blocked', () => storage.block(random.between(500, 20_000)));
  often('storage full', () => storage.fill(random.between(1_000, 40_000)));
  often('database deleted', () => storage.meddle('delete', archive.empty));
  often('power cut', () => {
    const lost = storage.forget();
    if (lost !== undefined) archive.lose(lost);
    for (const { page } of user.tabs()) page.destroy();
  });
  often('newer fields', () =>
    storage.meddle((record) =>
      record === undefined || record.ended !== undefined || isNewer(record)
        ? undefined
        : Object.assign({ ...record }, { [NEWER]: random.roll() }),
    ),
  );
  // A newer version takes the record over, and is taken back after a while.
  often('newer schema', () => {
    const { schema } = storage.record() ?? {};
    if (schema === undefined || schema === NEWER_SCHEMA) return;
    const rollBack = (): void =>
      storage.meddle((record) => (record !== undefined && isNewer(record) ? { ...record, schema } : undefined));
    storage.meddle(
      (record) => record && { ...record, schema: NEWER_SCHEMA },
      () => timeline.after(random.between(1_000, 40_000), rollBack),
    );
  });
  often('message foreign', () => channel.shout(foreignMessage(world)));
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
    const grant = server.grants().findLast(({ isElsewhere }) => !isElsewhere);
    if (grant !== undefined) server.withdraw(grant);
  });
}

/** What a tab of another version may post: kinds and numbers that we do not know, or that are not so. */
function foreignMessage({ random, storage }: World): Message {
  const { epoch = 'nobody', generation = 0 } = storage.record() ?? {};
  return random.pick<unknown>([
    { v: 2, kind: 'rotated', epoch, generation: generation + 1, tokens: {} },
    { v: 1, kind: 'paused', epoch, generation },
    { v: 1, kind: 'rotated', epoch, generation: generation + 7 },
    { v: 1, kind: 'ended', epoch, generation },
    { v: 1, kind: 'started', epoch: 'nobody', generation: 0 },
  ]) as Message;
}
