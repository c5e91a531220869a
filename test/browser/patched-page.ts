/** A page whose XMLHttpRequest is patched, a session that rotates when it is told to, and requests of such a page. */
import { onTestFinished } from 'vitest';
import { createSession } from '../../src/create-session.ts';
import type { RotationOutcome, Session, TokenServer } from '../../src/core/types.ts';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import type { Arrival } from './backend.ts';

const API = `${location.origin}/backend/api/`;

export interface Stage {
  readonly session: Session;
  /** Answers the rotation. */
  readonly answer: (outcome: RotationOutcome) => void;
  readonly undo: () => void;
}

/** A patched page whose session rotates when it is told to. */
export async function stage(
  token: string,
  { server = {}, life = 36_000_000 }: { server?: Partial<TokenServer>; life?: number } = {},
): Promise<Stage> {
  let answer: Stage['answer'] = () => {};
  const outcome = new Promise<RotationOutcome>((resolve) => (answer = resolve));
  const session = createSession({
    name: crypto.randomUUID(),
    resources: [API],
    server: {
      endpoints: [],
      readTokens: () => ({ accessToken: token, refreshToken: 'refresh', life }),
      rotate: () => outcome,
      attach: (_, { accessToken }) => ({ headers: { Authorization: `Bearer ${accessToken}` } }),
      isRefusal: ({ response }) => response.status === 401,
      ...server,
    },
  });
  onTestFinished(session.dispose);
  await session.start({});
  const undo = patchXMLHttpRequest(session);
  onTestFinished(undo);
  return { session, answer, undo };
}

export const rotated = (accessToken: string): RotationOutcome => ({
  outcome: 'rotated',
  tokens: { accessToken, refreshToken: 'next', life: 36_000_000 },
});

interface Request {
  readonly method?: string;
  readonly body?: XMLHttpRequestBodyInit;
  /** Default a new one. */
  readonly xhr?: XMLHttpRequest;
  readonly prepare?: (xhr: XMLHttpRequest) => void;
}

interface Sent {
  readonly xhr: XMLHttpRequest;
  readonly events: string[];
  /** Resolves with what the page has seen, when it has ended. */
  readonly ended: Promise<string[]>;
}

export function send(
  url: string,
  { method = 'POST', body = 'body', prepare, xhr = new XMLHttpRequest() }: Request = {},
): Sent {
  const events: string[] = [];
  for (const type of ['readystatechange', 'loadstart', 'load', 'error', 'abort', 'timeout']) {
    xhr.addEventListener(type, () => events.push(`${type} ${xhr.readyState} ${xhr.status}`));
  }
  const ended = new Promise<string[]>((resolve) => {
    xhr.onloadend = () => resolve(events);
  });
  xhr.open(method, url);
  prepare?.(xhr);
  xhr.send(body);
  return { xhr, events, ended };
}

export function api(): { readonly url: string; readonly arrivals: () => Promise<readonly Arrival[]> } {
  const id = crypto.randomUUID();
  const arrivals = async () => (await fetch(`/backend/seen?id=${id}`)).json() as Promise<Arrival[]>;
  return { url: `${API}?id=${id}`, arrivals };
}

export const tokensOf = (arrivals: readonly Arrival[]) => arrivals.map(({ headers }) => headers['authorization']);
