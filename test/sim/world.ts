/** The world of one run: one machine with its pages, the servers behind the network, and those who watch. */
import type { Message } from '../../src/core/ports.ts';
import type { SessionRecord } from '../../src/core/record.ts';
import { createArchive, type Archive } from './archive.ts';
import { createAuthorizationServer, type AccessToken, type AuthorizationServer } from './authorization-server.ts';
import { createChannel, type Channel } from './channel.ts';
import { createFaults, type Faults } from './faults.ts';
import { createJar, type Jar } from './jar.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createManners } from './manners.ts';
import { createLocks, type Locks } from './locks.ts';
import { createMachine, type Machine } from './machine.ts';
import type { Page } from './page.ts';
import { createNetwork, type Internet } from './network.ts';
import { createNotices, type Notices } from './notices.ts';
import type { Random } from './random.ts';
import { createReferee, type Referee } from './referee.ts';
import type { Scenario } from './scenario.ts';
import { holdsSecret } from './secret.ts';
import type { Setting } from './setting.ts';
import { createStorage, type Storage } from './storage.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { createTraffic, type Traffic } from './traffic.ts';

export interface World {
  /** No faults: everything has to go well. */
  readonly isCalm: boolean;
  /** No session may end. */
  readonly isKept: boolean;
  readonly setting: Setting;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly machine: Machine;
  readonly faults: Faults;
  readonly referee: Referee;
  readonly server: AuthorizationServer;
  readonly storage: Storage;
  readonly locks: Locks;
  readonly channel: Channel;
  readonly network: Internet;
  /** Where tokens are cookies. */
  readonly jar: Jar | undefined;
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly notices: Notices;
  readonly traffic: Traffic;
  readonly isOrphaned: (page: Page) => boolean;
}

const START = Date.UTC(2026, 0, 1);
const QUEUE_TIMEOUT = 60_000;

export function createWorld(
  setting: Setting,
  random: Random,
  scenario: Scenario | undefined,
  isTraced: boolean,
): World {
  const { identity, lostAnswer, options, rule } = setting;
  const timeline = createTimeline(START);
  const { now } = timeline;
  const faults = createFaults(random, scenario?.faults, scenario?.keen);
  const machine = createMachine(timeline, faults.strikes('clock skew') ? setting.skew : 0);
  const referee = createReferee(now, isTraced);
  const manners = createManners({
    machine,
    referee,
    now,
    lostAnswer,
    hasStolen: (page) => locks.isStolenBy(page),
    queueTimeout: QUEUE_TIMEOUT,
    longestWait: (page) => traffic.longestWait(page),
    troubledAt: (page) => ledger.troubledAt(page),
  });
  const hasLocks = !faults.strikes('no locks');
  const hasTombstone = !faults.strikes('no tombstone');
  const hasChannel = !faults.strikes('no channel');
  const life = setting.life * 1_000;
  const server = createAuthorizationServer({
    timeline,
    random,
    rule,
    life: setting.life,
    refreshLife: setting.refreshLife,
    areReadable: identity === 'token',
  });
  const leeway = options.leeway === undefined ? undefined : options.leeway * 1_000;
  const notices = createNotices({
    now,
    referee,
    ledger: () => ledger,
    archive: () => archive,
    keepsTokens: setting.storage === 'indexeddb',
    hasTombstone,
  });
  const traffic: Traffic = createTraffic({
    now,
    machine,
    referee,
    life,
    leeway,
    queueTimeout: QUEUE_TIMEOUT,
    ledger: () => ledger,
    archive: () => archive,
    notices: () => notices,
    mayResend: (page, token) => mayResend(token, storage.record()) && mayResend(token, archive.readBy(page)),
    isUserKnown: identity !== 'unknown',
  });
  const locks = createLocks({ timeline, random, areThere: hasLocks, stolen: manners.steal });
  const ledger: Ledger = createLedger({
    now,
    machine,
    referee,
    lostAnswer,
    leeway,
    life,
    hasStolen: (page) => locks.isStolenBy(page),
    hasProbed: manners.hasProbed,
    isRotating: rule.name !== 'non-rotating',
    isWaiting: traffic.isWaiting,
    hasMissed: (...question) => channel.hasMissed(...question),
  });
  const hasProbe = setting.hasCookies && lostAnswer === 'probe';
  const archive: Archive = createArchive({
    now,
    referee,
    ledger,
    manners,
    server,
    lostAnswer,
    rule,
    hasTombstone,
    hasProbe,
    machine,
    isUnanswered: (page) => setting.storage === 'memory' && channel.isUnanswered(page),
  });
  const storage: Storage = createStorage({
    timeline,
    random,
    faults,
    hasTombstone,
    keepsTokens: setting.storage === 'indexeddb',
    watch: {
      sealed: archive.seal,
      learnt: (page, record) => {
        archive.learn(page, record);
        const token = record && archive.tokenOf(record);
        // Without tokens in the record a page learns of them when another hands them over.
        if (token && record && setting.storage === 'indexeddb') traffic.learn(page, token, record.sentAt);
      },
      written: (page, before, after) => {
        referee.trace(page.id, 'stores', describe(after));
        archive.write(page, before, after);
        manners.write(page, before, after);
        jar?.write(page, before, after);
      },
      refused: (page) => {
        referee.trace(page.id, 'is refused by storage');
        ledger.refuseStorage(page);
        traffic.refuse(page);
      },
      buried: (page, epoch) => archive.bury(page, epoch),
    },
  });
  const jar = setting.hasCookies ? createJar({ now, referee, epochOf: archive.epochOf }) : undefined;
  const network = createNetwork({
    jar,
    timeline,
    machine,
    random,
    faults,
    referee,
    server,
    ledger,
    manners,
    traffic,
    hasDate: setting.hasDate,
    hasProbe,
  });
  const channel: Channel = createChannel({
    timeline,
    random,
    faults,
    isThere: hasChannel,
    watch: (page, message) => {
      if (holdsSecret(message)) referee.fail(9, 'a token stands in a message');
      if (message.kind === 'rotated') checkTold(page, message);
    },
    heard: (page, message) => {
      referee.trace(page.id, `hears ${message.kind}`, `${message.epoch} ${message.generation}`);
      notices.hear(page, message);
    },
    lost: (page, message) => notices.miss(page, message),
    handed: (page, text) => {
      const handed: { readonly record: SessionRecord; readonly tokens: string } = JSON.parse(text);
      const { accessToken }: { readonly accessToken: string } = JSON.parse(handed.tokens);
      const token = server.accessToken(accessToken);
      if (token !== undefined) traffic.learn(page, token, handed.record.sentAt);
    },
  });
  return {
    isCalm: scenario?.isCalm === true,
    isKept: scenario?.isKept === true || scenario?.isCalm === true,
    setting,
    random,
    timeline,
    machine,
    faults,
    referee,
    server,
    storage,
    network,
    jar,
    ledger,
    archive,
    notices,
    traffic,
    isOrphaned,
    locks,
    channel,
  };

  /** Whether no other tab could hand over what the record names. */
  function isOrphaned(page: Page): boolean {
    const record = storage.record();
    return setting.storage === 'memory' && record !== undefined && !channel.hasAnswer(page, record);
  }

  /** What is told was in the record by then, or was refused by storage. */
  function checkTold(page: Page, { epoch, generation }: Message): void {
    const record = storage.record();
    if (record?.epoch !== epoch || record.ended !== undefined || record.generation >= generation) return;
    const newest = ledger.presentations().findLast((one) => one.page === page && one.outcome === 'rotated');
    // The disk may have lost it before its page could tell.
    if (newest?.isCommitted) return;
    if (newest === undefined || ledger.troubledAt(page) < newest.endedAt)
      referee.fail(6, 'a rotation was announced before it was stored', `tab ${page.id}: ${generation}`);
  }

  /** Whether a rotation may mend this token at once, for all that the record and the ledger know. */
  function mayResend(token: AccessToken, record: SessionRecord | undefined): boolean {
    const doubts = Math.max(ledger.lost(token.refreshToken).length, (record?.attempt?.resends ?? -1) + 1);
    if (doubts === 0) return true;
    if (typeof lostAnswer === 'string') return false;
    return doubts <= (lostAnswer.resends ?? doubts) && lostAnswer.within === undefined;
  }
}

function describe({ attempt, ended, epoch, failures, generation }: SessionRecord): string {
  const doubt =
    attempt &&
    `, attempt ${attempt.id}${attempt.lost ? ' lost' : ''}${attempt.resends > 0 ? ` resend ${attempt.resends}` : ''}`;
  return `${epoch} ${generation}${ended === undefined ? '' : ` ended ${ended}`}${doubt ?? ''}${failures?.count ? `, ${failures.count} failures` : ''}`;
}
