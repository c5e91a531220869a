/** Where each access token comes from, and how old it is for those who hold it. */
import { LEASE, leewayOf, REQUEST_LIMIT } from '../../src/core/timing.ts';
import type { AccessToken, RefreshToken } from './authorization-server.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';

/** A moment by all that can be measured. */
export interface Instant {
  readonly now: number;
  readonly wall: number;
  readonly awake: number;
  readonly active: number;
}

export interface Birth {
  readonly page: Page;
  /** When the request for it left. */
  readonly sent: Instant;
  /** How long the page ran before it could use it. */
  travelled: number;
  /** How old it was by then, by whichever clock says more: as the page has to see it, which cannot tell that it was frozen. */
  aged: number;
  /** The one before it in the same page. */
  readonly before: Birth | undefined;
}

export interface Births {
  readonly record: (accessToken: AccessToken, page: Page, sent: Instant) => void;
  /** Only now can the token be used: its answer is here, it is stored, or storage has refused it. */
  readonly arrive: (accessToken: AccessToken) => void;
  readonly find: (accessToken: AccessToken) => Birth | undefined;
  /** Whether the access token has surely not expired, for whoever reads of it. */
  readonly isGood: (accessToken: AccessToken) => boolean;
  /** Whether the access token that came with this one was dead when a claim was made that is sent now. */
  readonly isDead: (refreshToken: RefreshToken) => boolean;
}

export interface BirthsOptions {
  readonly machine: Machine;
  readonly leeway: number | undefined;
  /** Milliseconds. */
  readonly life: number;
}

/** A claim may be this old when its request leaves. */
export const CLAIM_TO_SEND = LEASE - REQUEST_LIMIT;

export function createBirths({ leeway, life, machine }: BirthsOptions): Births {
  const births = new Map<AccessToken, Birth>();
  const newestIn = new Map<Page, Birth>();
  const newest = new Map<RefreshToken, Birth>();
  return {
    record: (accessToken, page, sent) => {
      const birth = { page, sent, ...travelOf(machine, page, sent), before: newestIn.get(page) };
      newestIn.set(page, birth);
      births.set(accessToken, birth);
      newest.set(accessToken.refreshToken, birth);
    },
    arrive: (accessToken) => {
      const birth = births.get(accessToken);
      if (birth !== undefined) Object.assign(birth, travelOf(machine, birth.page, birth.sent));
    },
    find: (accessToken) => births.get(accessToken),
    isGood: (accessToken) => {
      const birth = births.get(accessToken);
      // It is counted from the claim on. Where the wall clock was set back since, it may have looked older before.
      if (birth === undefined || machine.setBackAt() > birth.sent.now) return false;
      return Math.max(machine.wall() - birth.sent.wall, machine.awake() - birth.sent.awake) < life - CLAIM_TO_SEND;
    },
    isDead: (refreshToken) => {
      const birth = newest.get(refreshToken);
      if (birth === undefined) return true;
      // Written before the clock was set back: whoever reads it now cannot tell how old it is.
      if (machine.wall() < birth.sent.wall) return true;
      // Who read of it before the clock was set back may have seen it older, and counts on from there.
      const seen = machine.setBacks().filter(({ at }) => at > birth.sent.now);
      const ages = seen.map(({ lead }) => machine.awake() + lead - birth.sent.wall);
      const age = Math.max(machine.wall() - birth.sent.wall, machine.awake() - birth.sent.awake, ...ages);
      return age >= life - leewayOf(life, leeway) - CLAIM_TO_SEND;
    },
  };
}

/** How long what was sent for then has been on its way into the page. */
export function travelOf(machine: Machine, page: Page, sent: Instant): Pick<Birth, 'travelled' | 'aged'> {
  return {
    travelled: page.active() - sent.active,
    aged: Math.max(machine.wall() - sent.wall, machine.awake() - sent.awake),
  };
}
