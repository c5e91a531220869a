/** What joins the pages: messages that come late or never, and a leader that may be nobody, or two. */
import type { Message, Tabs } from '../../src/core/ports.ts';
import type { Faults } from './faults.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export interface Channel {
  readonly open: (page: Page) => Tabs;
  /** For so long nobody leads. */
  readonly loseLeader: (duration: number) => void;
  /** For so long one more leads. */
  readonly doubleLeader: (duration: number) => void;
  /** The election works as it should. */
  readonly heal: () => void;
}

export interface ChannelOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  readonly heard: (page: Page, message: Message) => void;
  readonly lost: (page: Page, message: Message) => void;
}

export function createChannel({ faults, heard, lost, random, timeline }: ChannelOptions): Channel {
  const pages = new Map<Page, Set<(message: Message) => void>>();
  let leader: Page | undefined;
  let second: Page | undefined;
  let isLeaderless = false;

  /** The next in line inherits, frozen or not. */
  const elect = (): void => {
    if (leader === undefined || leader.isGone()) leader = [...pages.keys()].find((page) => !page.isGone());
  };
  const send = (to: Page, listeners: ReadonlySet<(message: Message) => void>, message: Message): void => {
    if (faults.strikes('message lost')) return lost(to, message);
    const isLate = faults.strikes('message late');
    if (isLate) lost(to, message);
    timeline.after(isLate ? random.between(50, 10_000) : random.between(0.5, 5), () =>
      to.deliver(() => {
        heard(to, message);
        for (const listener of [...listeners]) listener(message);
      }),
    );
  };
  return {
    open: (page) => {
      const listeners = new Set<(message: Message) => void>();
      pages.set(page, listeners);
      if (leader === undefined) timeline.after(random.between(5, 400), elect);
      page.onGone(() => {
        pages.delete(page);
        if (leader === page) timeline.after(random.between(5, 3_000), elect);
      });
      return {
        announce: (message) => {
          if (page.isGone()) return;
          for (const [other, ears] of pages) if (other !== page) send(other, ears, message);
        },
        hear: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        ask: async () => undefined,
        answer: () => () => undefined,
        isLeader: () => !isLeaderless && (page === leader || page === second),
      };
    },
    loseLeader: (duration) => {
      isLeaderless = true;
      timeline.after(duration, () => {
        isLeaderless = false;
      });
    },
    doubleLeader: (duration) => {
      if (pages.size > 0) second = random.pick([...pages.keys()]);
      timeline.after(duration, () => {
        second = undefined;
      });
    },
    heal: () => {
      isLeaderless = false;
      second = undefined;
      elect();
    },
  };
}
