/** The timeout of a request that waits, or is sent anew: natively there is one time for all, from the call on. */
import { since, type Moment } from '../core/timing.ts';

export interface Timeout {
  /** Counts from that moment on, until it is stopped. */
  readonly watch: (from: Moment) => void;
  /** The caller has set another one. */
  readonly change: () => void;
  /** Lets the native object say that it is over. */
  readonly force: () => void;
  /** Puts the caller's own back as well. */
  readonly stop: () => void;
}

interface TimeoutOptions {
  readonly xhr: XMLHttpRequest;
  readonly now: () => Moment;
  readonly onOver: () => void;
}

export function createTimeout({ now, onOver, xhr }: TimeoutOptions): Timeout {
  let began: Moment | undefined;
  let alarm: ReturnType<typeof setTimeout> | undefined;
  /** The caller's own, while another one is set. */
  let own: number | undefined;

  const stop = () => {
    clearTimeout(alarm);
    began = undefined;
    if (own !== undefined) xhr.timeout = own;
    own = undefined;
  };
  const change = () => {
    if (began !== undefined && own === undefined) watch(began);
  };
  const force = () => {
    own = xhr.timeout;
    xhr.timeout = 1;
  };
  return { watch, change, force, stop };

  function watch(from: Moment): void {
    began = from;
    clearTimeout(alarm);
    if (xhr.timeout > 0) alarm = setTimeout(ring, Math.max(0, xhr.timeout - since(from, now())), from);
  }

  function ring(from: Moment): void {
    if (since(from, now()) < xhr.timeout) watch(from);
    else onOver();
  }
}
