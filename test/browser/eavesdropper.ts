/** Another script of the origin: it sees all that is posted on a session's channel, and posts what it likes. */
import { onTestFinished, vi } from 'vitest';
import { lockPresence } from '../../src/browser/presence.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Eavesdropper {
  readonly posted: readonly Fields[];
  /** The first of that kind, as soon as it was posted. */
  readonly next: (kind: string) => Promise<Fields>;
  readonly post: (data: unknown) => void;
}

/** Listens for the time of the test. The tabs take it for one of them that may answer. */
export function eavesdrop(name: string): Eavesdropper {
  const channel = new BroadcastChannel(name);
  const presence = lockPresence(`${name}/present`);
  presence.enter();
  onTestFinished(() => {
    channel.close();
    presence.leave();
  });
  const posted: Fields[] = [];
  channel.onmessage = ({ data }: MessageEvent<{ readonly data: Fields }>) => void posted.push(data.data);
  return {
    posted,
    next: (kind) => vi.waitUntil(() => posted.find((message) => message['kind'] === kind), { interval: 1 }),
    post: (data) => channel.postMessage({ time: 0, type: 'message', data }),
  };
}
