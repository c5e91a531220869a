/** What joins the pages: messages that come late or never, and a leader that may be nobody, or two. */
import type { Message, Tabs, Wanted } from '../../src/core/ports.ts';
import type { Faults } from './faults.ts';
import type { Page } from './page.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export interface Channel {
  readonly isThere: boolean;
  readonly open: (page: Page) => Tabs;
  /** A page of another version says something to all. */
  readonly shout: (message: Message) => void;
  /** For so long nobody leads. */
  readonly loseLeader: (duration: number) => void;
  /** For so long one more leads. */
  readonly doubleLeader: (duration: number) => void;
  /** Whether the page has asked again and again of late, and no answer has reached it. */
  readonly isUnanswered: (page: Page) => boolean;
  /** Whether the page has asked the other since then, and one of them did not hear the other in time. */
  readonly hasMissed: (page: Page, other: Page, since: number) => boolean;
  /** Whether a page other than this one has been able to answer for a while. */
  readonly hasAnswer: (page: Page, wanted: Wanted) => boolean;
  /** The election works as it should. */
  readonly heal: () => void;
}

const ASK_TIME = 1_000;
const A_WHILE = 10_000;
const MANY_QUESTIONS = 5;

export interface ChannelOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  /** Without BroadcastChannel every page acts as if it were alone. */
  readonly isThere: boolean;
  /** Sees whatever is posted. */
  readonly watch: (page: Page, message: Message) => void;
  readonly heard: (page: Page, message: Message) => void;
  readonly lost: (page: Page, message: Message) => void;
  /** The page has this answer to its question. */
  readonly handed: (page: Page, text: string) => void;
}

export function createChannel({
  faults,
  handed,
  heard,
  isThere,
  lost,
  random,
  timeline,
  watch,
}: ChannelOptions): Channel {
  const pages = new Map<Page, Set<(message: Message) => void>>();
  /** How often each page asked since it was last answered. */
  const questions = new Map<Page, number>();
  /** What was asked or answered and came late or never. */
  const misses: { readonly page: Page; readonly other: Page; readonly at: number }[] = [];
  const answerers = new Map<Page, (wanted: Wanted) => string | undefined>();
  let leader: Page | undefined;
  let second: Page | undefined;
  let isLeaderless = false;

  /** The next in line inherits, frozen or not. */
  const elect = (): void => {
    if (leader === undefined || leader.isGone()) leader = [...pages.keys()].find((page) => !page.isGone());
  };
  /** What waits for another message to the same page, to come after it. */
  const overtaken = new Map<Page, (() => void)[]>();
  const send = (to: Page, listeners: ReadonlySet<(message: Message) => void>, message: Message): void => {
    if (!isThere || faults.strikes('message lost')) return lost(to, message);
    const arrive = (): void => {
      to.hear(() => {
        heard(to, message);
        for (const listener of [...listeners]) listener(message);
      });
      for (const late of overtaken.get(to)?.splice(0) ?? []) timeline.after(random.between(0, 1), late);
    };
    if (faults.strikes('message out of order')) {
      lost(to, message);
      overtaken.set(to, [...(overtaken.get(to) ?? []), arrive]);
      return;
    }
    const isLate = faults.strikes('message late');
    if (isLate) lost(to, message);
    timeline.after(isLate ? random.between(50, 10_000) : random.between(0.5, 5), arrive);
    if (faults.strikes('message twice')) timeline.after(random.between(0.5, 10_000), arrive);
  };
  /** One way between two pages, lost or late like a message. Whether it is in time. */
  const carry = (to: Page, task: () => void): boolean => {
    if (!isThere || faults.strikes('message lost')) return false;
    const delay = faults.strikes('message late') ? random.between(50, 10_000) : random.between(0.5, 20);
    timeline.after(delay, () => to.hear(task));
    if (faults.strikes('message twice')) timeline.after(delay + random.between(0.5, 5_000), () => to.hear(task));
    return delay < ASK_TIME / 2;
  };
  const ask = (page: Page, wanted: Wanted): Promise<string | undefined> =>
    new Promise((resolve) => {
      if (!page.call('question')) return;
      const askedAt = timeline.now();
      questions.set(page, (questions.get(page) ?? 0) + 1);
      timeline.after(ASK_TIME, () => page.deliver(() => resolve(undefined)));
      for (const [other, find] of answerers) {
        if (other === page) continue;
        const miss = () => misses.push({ page, other, at: askedAt });
        const isAsked = carry(other, () => {
          const text = other.call('reply') ? find(wanted) : undefined;
          if (text === undefined) return;
          const isAnswered = carry(page, () => {
            if (timeline.now() - askedAt < ASK_TIME) {
              questions.delete(page);
              handed(page, text);
            }
            resolve(text);
          });
          if (!isAnswered) miss();
        });
        if (!isAsked) miss();
      }
    });
  return {
    isThere,
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
          if (!page.call('announcement')) return;
          watch(page, message);
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
        isLeader: () => !isThere || (!isLeaderless && (page === leader || page === second)),
      };
    },
    shout: (message) => {
      for (const [page, ears] of pages) {
        timeline.after(random.between(0.5, 5), () =>
          page.hear(() => {
            for (const listener of [...ears]) listener(message);
          }),
        );
      }
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
    isUnanswered: (page) => (questions.get(page) ?? 0) >= MANY_QUESTIONS,
    hasMissed: (page, other, since) =>
      misses.some((miss) => miss.page === page && miss.other === other && miss.at >= since),
    hasAnswer: (page, wanted) =>
      isThere &&
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
