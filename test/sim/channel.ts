/** What joins the pages: messages that come late or never, and a leader that may be nobody, or two. */
import type { Message, Tabs, Wanted } from '../../src/core/ports.ts';
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
  /** Whether a page other than this one has been able to answer for a while. */
  readonly hasAnswer: (page: Page, wanted: Wanted) => boolean;
  /** The election works as it should. */
  readonly heal: () => void;
}

const ASK_TIME = 1_000;
const A_WHILE = 10_000;

export interface ChannelOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  readonly heard: (page: Page, message: Message) => void;
  readonly lost: (page: Page, message: Message) => void;
}

export function createChannel({ faults, heard, lost, random, timeline }: ChannelOptions): Channel {
  const pages = new Map<Page, Set<(message: Message) => void>>();
  const answerers = new Map<Page, (wanted: Wanted) => string | undefined>();
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
  /** One way between two pages, lost or late like a message. */
  const carry = (to: Page, task: () => void): void => {
    if (faults.strikes('message lost')) return;
    const delay = faults.strikes('message late') ? random.between(50, 10_000) : random.between(0.5, 20);
    timeline.after(delay, () => to.deliver(task));
  };
  const ask = (page: Page, wanted: Wanted): Promise<string | undefined> =>
    new Promise((resolve) => {
      if (!page.call()) return;
      timeline.after(ASK_TIME, () => page.deliver(() => resolve(undefined)));
      for (const [other, find] of answerers) {
        if (other === page) continue;
        carry(other, () => {
          const text = other.call() ? find(wanted) : undefined;
          if (text !== undefined) carry(page, () => resolve(text));
        });
      }
    });
  return {
    open: (page) => {
      const listeners = new Set<(message: Message) => void>();
      pages.set(page, listeners);
      if (leader === undefined) timeline.after(random.between(5, 400), elect);
      page.onGone(() => {
        pages.delete(page);
        answerers.delete(page);
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
        ask: (wanted) => ask(page, wanted),
        answer: (find) => {
          answerers.set(page, find);
          return () => void answerers.delete(page);
        },
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
    hasAnswer: (page, wanted) =>
      [...answerers].some(
        ([other, find]) =>
          other !== page &&
          !other.isFrozen() &&
          timeline.now() - other.thawedAt() > A_WHILE &&
          find(wanted) !== undefined,
      ),
    heal: () => {
      isLeaderless = false;
      second = undefined;
      elect();
    },
  };
}
