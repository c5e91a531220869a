/** The other tabs, over broadcast-channel: hints that may be lost, and a leader that may be nobody. */
import { BroadcastChannel, createLeaderElection, type LeaderElector } from 'broadcast-channel';
import type { Message, Tabs } from '../core/ports.ts';
import type { Undo } from '../core/types.ts';

export interface ChannelTabs extends Tabs {
  /** `'BroadcastChannel'` where there is none: every tab then acts as if it were alone. */
  readonly missing: () => readonly string[];
  /** Leaves the channel and gives up leadership. */
  readonly dispose: Undo;
}

/** Joins the channel of that name. Browser only: in Node the package would choose files. */
export function channelTabs(name: string): ChannelTabs {
  const listeners = new Set<(message: Message) => void>();
  let channel: BroadcastChannel<Message> | undefined;
  let elector: LeaderElector | undefined;
  let isAlone = false;

  const hear = (data: unknown): void => {
    const message = toMessage(data);
    if (!message) return;
    for (const listener of [...listeners]) {
      try {
        listener(message);
      } catch (error) {
        reportError(error);
      }
    }
  };

  const actAlone = (): void => {
    isAlone = true;
  };

  const join = (): void => {
    if (channel) return;
    try {
      channel = new BroadcastChannel(name, { type: 'native' });
      channel.addEventListener('message', hear);
      elector = createLeaderElection(channel);
      // Pending for ever in a follower, rejected where locks are refused: in sandboxed frames, whose origin is their own.
      elector.awaitLeadership().catch(actAlone);
    } catch {
      actAlone();
    }
  };

  const leave = (): void => {
    // Rejects when a message before could not be sent: nothing is left to be done about it.
    channel?.close().catch(() => {});
    channel = elector = undefined;
  };

  const controller = new AbortController();
  const { signal } = controller;
  // A page in the back/forward cache must not lead; one that holds a lock others wait for is thrown out of it.
  addEventListener('pagehide', leave, { signal });
  addEventListener('pageshow', join, { signal });
  join();

  return {
    announce: (message) => {
      const hint = toMessage(message);
      // Lost hints are found out at the other tab's next read.
      if (hint) channel?.postMessage(hint).catch(() => {});
    },
    hear: (listener) => {
      const subscription = (message: Message): void => listener(message);
      listeners.add(subscription);
      return () => void listeners.delete(subscription);
    },
    isLeader: () => {
      // A download link, mailto: or a cancelled "leave page?" fires beforeunload in a page that lives on, and kills its
      // elector for good (broadcast-channel takes it for the end, through unload 2.4). Only a new one leads again.
      if (elector?.isDead) {
        leave();
        join();
      }
      return isAlone || elector?.isLeader === true;
    },
    ask: async () => undefined,
    answer: () => () => {},
    missing: () => ('BroadcastChannel' in globalThis ? [] : ['BroadcastChannel']),
    dispose: () => {
      controller.abort();
      listeners.clear();
      leave();
    },
  };
}

const KINDS: readonly Message['kind'][] = ['started', 'rotated', 'ended'];

/** The message in this data, field by field, so that nothing else comes in or goes out. */
function toMessage(data: unknown): Message | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  // Without a prototype: only own fields count.
  const own = Object.assign(Object.create(null) as { readonly [Field in keyof Message]?: unknown }, data);
  const kind = KINDS.find((known) => known === own.kind);
  const { v, epoch, generation } = own;
  if (v !== 1 || !kind || typeof epoch !== 'string' || typeof generation !== 'number') return undefined;
  return Number.isSafeInteger(generation) && generation >= 0 ? { v, kind, epoch, generation } : undefined;
}
