/** The end of a run: nothing goes wrong any more, and all must be well again. Invariants 5, 12 and 13. */
import { checkCalm } from './calm.ts';
import type { Jar } from './jar.ts';
import type { Tab } from './tab.ts';
import type { User } from './user.ts';
import type { World } from './world.ts';

function isLive({ session: { state } }: Tab): boolean {
  return state.status === 'active' || state.status === 'stale';
}

const WAKE_TIME = 5_000;
const LONG_SLEEP = 8 * 3_600_000;
/** A waiting request tries again within a minute; a server's Retry-After of a minute may hold it back for two more. */
const RECOVERY_TIME = 240_000;

export async function playFinale(world: World, user: User): Promise<void> {
  const { channel, faults, machine, network, random, referee, setting, timeline } = world;
  const isOver = () => referee.violation() !== undefined;
  const run = (time: number) => timeline.run(timeline.now() + time, isOver);

  faults.stop();
  user.settle();
  referee.trace(0, 'all is well');
  while (machine.isAsleep() && !isOver()) await run(1_000);
  network.goOnline();
  channel.heal();
  for (const { page } of user.tabs()) page.thaw();
  await run(45_000);
  for (const tab of user.tabs()) tab.comeBack();
  await run(WAKE_TIME);
  await agree();
  for (const tab of user.tabs()) await recover(tab);
  if (setting.hasLongSleep) await sleepLong();
  if (world.jar !== undefined) await checkCookies(world.jar);
  else if (!isOver()) checkRevocations();
  if (world.isKept)
    for (const cause of world.archive.ends().keys()) referee.fail(8, 'a session ended that had to be kept', cause);
  if (world.isCalm) checkCalm(world);

  /** All tabs hold what the record says; while it is being written they may be about to. */
  async function agree(): Promise<void> {
    do {
      // Where no message tells of what was written meanwhile, only a look at the record does.
      if (!channel.isThere) for (const tab of user.tabs()) tab.comeBack();
      await run(1_000);
    } while (world.timeline.now() - world.storage.writtenAt() < 1_000 && !isOver());
    const record = world.storage.record();
    for (const { page, session } of user.tabs()) {
      const { state } = session;
      if (state.status === 'restoring') referee.fail(12, 'a tab is still restoring', `tab ${page.id}`);
      if (state.status !== 'active' && state.status !== 'stale') continue;
      if (record === undefined || record.ended !== undefined) {
        referee.fail(12, 'a tab holds a session that the record does not', `tab ${page.id}`);
      } else if (world.isOrphaned(page)) {
        // Nobody has what the record names: it goes on with what it has while that is good.
      } else if (world.archive.heldBy(page)?.id !== record.epoch) {
        referee.fail(12, 'a tab holds another epoch than the record', `tab ${page.id}`);
      } else if (state.generation !== record.generation) {
        referee.fail(
          12,
          'a tab holds another generation than the record',
          `tab ${page.id}: ${state.generation}, ${record.generation}`,
        );
      }
    }
  }

  /** A living session answers requests again; a dead one says so. */
  async function recover(tab: Tab): Promise<void> {
    // Where lostAnswer forbids to ask, a session in doubt goes on until its token is dead, and then ends.
    const until = timeline.now() + RECOVERY_TIME + setting.life * 1_000;
    while (isLive(tab) && !isOver()) {
      if ((await callAndRun(tab)) === 200) return;
      await run(20_000);
      if (timeline.now() > until) break;
    }
    if (!isOver() && isLive(tab))
      referee.fail(12, 'a session did not recover', `tab ${tab.page.id}: ${tab.session.state.status}`);
  }

  async function callAndRun(tab: Tab): Promise<number | string | undefined> {
    const end: { is: number | string | undefined } = { is: undefined };
    tab.page.deliver(() => {
      void user.fetch(tab).then((is) => {
        end.is = is;
      });
    });
    for (let waited = 0; end.is === undefined && waited < 200 && !isOver(); waited += 1) await run(1_000);
    return end.is;
  }

  async function sleepLong(): Promise<void> {
    // With a tab that lacks what the record names, and whom nobody answers, it is over when its token is dead.
    const tabs = user
      .tabs()
      .filter(({ page, session: { state } }) => state.status === 'active' && !world.isOrphaned(page));
    if (tabs.length === 0 || setting.refreshLife !== undefined || isOver()) return;
    user.pause();
    await run(30_000);
    // A rotation whose answer the sleep destroys is another story.
    while (
      world.ledger.presentations().some(({ outcome, page }) => outcome === 'flying' && !page.isGone()) &&
      !isOver()
    )
      await run(1_000);
    // What was in doubt may have ended meanwhile, or be lost already: whether it may end so, the archive tells.
    const left = tabs.filter(isLive);
    if (left.length === 0) return;
    const isInDoubt = world.storage.record()?.attempt !== undefined;
    machine.sleep(LONG_SLEEP);
    await run(LONG_SLEEP);
    const [presentations, sends] = [world.ledger.presentations().length, network.sends()];
    const end = await callAndRun(random.pick(left));
    const [rotations, requests] = [world.ledger.presentations().length - presentations, network.sends() - sends];
    if (isOver()) return;
    if (end !== 200 && !(isInDoubt && end === 'SessionEndedError'))
      referee.fail(13, 'the first request after a long sleep failed', String(end));
    if (rotations > 1)
      referee.fail(13, 'the first request after a long sleep cost more than one rotation', String(rotations));
    if (requests > 1)
      referee.fail(13, 'the first request after a long sleep was sent more than once', String(requests));
  }

  /** The longest that anything of a signed-out session can be on its way is over. */
  async function checkCookies(jar: Jar): Promise<void> {
    await run(90_000);
    if (!isOver()) jar.check(world.storage.record(), user.tabs().length > 0);
  }

  /** What was won for a session that had been signed out is revoked, as long as the tab that won it lives. */
  function checkRevocations(): void {
    const revoked = network.revoked();
    for (const { grant, id, signOut } of world.archive.epochs()) {
      if (signOut === undefined || signOut.page.isGone()) continue;
      if (!grant.refreshTokens.some(({ value }) => revoked.has(value)))
        referee.fail(5, 'a sign-out revoked nothing', `tab ${signOut.page.id}, ${id}`);
    }
    for (const { endedAt, isCommitted, outcome, page, token, won } of world.ledger.presentations()) {
      const epoch = world.archive.epochOf(token.grant);
      if (outcome !== 'rotated' || won === undefined || isCommitted || page.isGone() || epoch?.signOut === undefined)
        continue;
      if (endedAt < epoch.signOut.at || revoked.has(won.refreshToken.value)) continue;
      referee.fail(
        5,
        'what a rotation won after the sign-out was not revoked',
        `tab ${page.id}, ${won.refreshToken.value}`,
      );
    }
  }
}
