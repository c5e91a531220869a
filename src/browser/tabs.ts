/** The other tabs, over broadcast-channel: hints that may be lost, tokens handed over sealed, a leader that may be nobody. */
import { BroadcastChannel, type BroadcastMethod } from 'broadcast-channel';
import type { Clock, Dice, Message, Tabs } from '../core/ports.ts';
import type { Undo } from '../core/types.ts';
import { createHandover } from './handover.ts';
import { lockLeadership } from './leadership.ts';
import { lockPresence } from './presence.ts';
import { readWire, type Wire } from './wire.ts';
import { report } from './report.ts';

export interface ChannelTabsOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly dice: Dice;
}

export interface ChannelTabs extends Tabs {
  /** `'BroadcastChannel'` where there is none or it is refused: nothing is heard of the other tabs then. */
  readonly missing: () => readonly string[];
  /** Gives up leadership for good; what is announced still goes out. */
  readonly resign: Undo;
  /** Resigns and leaves the channel. */
  readonly dispose: Undo;
}

/**
 * Joins the channel of that name. Only the package's channel is used: its election (7.4.0, measured) listens to `unload`,
 * which keeps the page out of the back/forward cache; dies of `beforeunload`, which a download link fires as well; goes on
 * leading after its lock was stolen; and lets frozen pages inherit.
 */
export function channelTabs({ name, clock, dice }: ChannelTabsOptions): ChannelTabs {
  const listeners = new Set<(message: Message) => void>();
  let channel: BroadcastChannel<Wire> | undefined;
  let isRefused = false;
  const post = (wire: Wire): void => {
    // Never rejects: what cannot be sent is lost, as any hint may be. It is found out at the other tab's next read.
    void channel?.postMessage(wire);
  };
  const presence = lockPresence(`${name}/present`);
  const handover = createHandover({ clock, dice, post, isAlone: presence.isAlone });

  const hear = (data: unknown): void => {
    const wire = readWire(data);
    if (!wire) return;
    if (wire.kind === 'ask' || wire.kind === 'answer') {
      handover.hear(wire);
      return;
    }
    for (const listener of [...listeners]) {
      try {
        listener(wire);
      } catch (error) {
        report(error);
      }
    }
  };

  const join = (): void => {
    if (channel) return;
    try {
      channel = new BroadcastChannel(name, { type: 'native', methods: nativeMethod });
      channel.addEventListener('message', hear);
      presence.enter();
    } catch {
      // There is none, or the page is refused one: the other tabs are heard of at the next read.
      isRefused = true;
    }
  };
  const leave = (): void => {
    void channel?.close();
    channel = undefined;
    presence.leave();
    handover.giveUp();
  };

  // In the back/forward cache a message throws the page out. A frozen page still hears in Chromium, and the transaction
  // that it begins to re-read the record stays open until it thaws: no other tab can write any more.
  const controller = new AbortController();
  const options = { signal: controller.signal };
  addEventListener('pagehide', leave, options);
  addEventListener('pageshow', join, options);
  document.addEventListener('freeze', leave, options);
  document.addEventListener('resume', join, options);
  join();
  const leadership = lockLeadership(`${name}/leader`);

  return {
    announce: (message) => {
      const hint = readWire(message);
      if (!hint) return;
      // Whoever hears of an end or of another sign-in has nothing to answer any more: what was asked before goes before.
      const asking = handover.posting();
      if (asking) void asking.then(() => post(hint));
      else post(hint);
    },
    hear: (listener) => {
      const subscription = (message: Message): void => listener(message);
      listeners.add(subscription);
      return () => void listeners.delete(subscription);
    },
    isLeader: leadership.isLeader,
    ask: async (wanted) => (channel ? handover.ask(wanted) : undefined),
    answer: handover.answer,
    missing: () => (isRefused ? ['BroadcastChannel'] : []),
    resign: leadership.resign,
    dispose: () => {
      leadership.resign();
      controller.abort();
      listeners.clear();
      leave();
    },
  };
}

/** The package's native method without what was measured to go wrong in it. */
const nativeMethod: BroadcastMethod<globalThis.BroadcastChannel> = {
  type: 'native',
  canBeUsed: () => true,
  averageResponseTime: () => 0,
  // The package drops what was posted, by the wall clock, before its listener came: after the clock was set back, all of it.
  microSeconds: () => Infinity,
  create: (name) => new globalThis.BroadcastChannel(name),
  close: (native) => native.close(),
  onMessage: (native, listener) => {
    // The package throws at whatever another script posts without its envelope. Here that has no data, and is ignored.
    native.onmessage = ({ data: envelope }: MessageEvent<unknown>) => {
      const { data } = Object(envelope) as { readonly data?: unknown };
      listener({ time: Infinity, type: 'message', data });
    };
  },
  // When this rejects, the package leaves a rejection that nobody handles, and its close() never closes.
  postMessage: async (native, envelope) => {
    try {
      native.postMessage(envelope);
    } catch {}
  },
};
