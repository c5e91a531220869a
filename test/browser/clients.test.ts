/** The clients that people use, over a session: as each one's own documentation puts a fetch into it. */
import { QueryClient } from '@tanstack/query-core';
import { Client, fetchExchange, gql } from '@urql/core';
import axios from 'axios';
import { EventSource as FetchedEventSource } from 'eventsource';
import { GraphQLClient } from 'graphql-request';
import ky from 'ky';
import { ofetch, createFetch } from 'ofetch';
import createClient from 'openapi-fetch';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../../src/index.ts';
import { patchXMLHttpRequest } from '../../src/patch.ts';
import type { Arrival } from './backend.ts';
import { signIn } from './signed-in.ts';

interface Order {
  readonly url: string;
  readonly json: unknown;
  readonly signal?: AbortSignal;
}

/** Posts an order, and gives what the server answered. */
type Post = (order: Order) => Promise<unknown>;

interface Paths {
  readonly [path: string]: {
    post: {
      requestBody: { content: { 'application/json': unknown } };
      responses: { 200: { content: { 'application/json': unknown } } };
    };
  };
}

const clients: Readonly<Record<string, (session: Session) => Post>> = {
  'axios, its fetch adapter': ({ fetch }) => {
    const client = axios.create({ adapter: 'fetch', env: { fetch } });
    return async ({ json, signal, url }) => (await client.post<unknown>(url, json, signal ? { signal } : {})).data;
  },
  'axios, its XHR adapter over a patched XMLHttpRequest': (session) => {
    onTestFinished(patchXMLHttpRequest(session));
    const client = axios.create({ adapter: 'xhr' });
    return async ({ json, signal, url }) => (await client.post<unknown>(url, json, signal ? { signal } : {})).data;
  },
  ky: ({ fetch }) => {
    const client = ky.create({ fetch, retry: 0 });
    return ({ json, signal, url }) => client.post(url, { json, signal: signal ?? null }).json();
  },
  ofetch: ({ fetch }) => {
    const client = createFetch({ fetch, Headers, AbortController });
    return ({ json, signal, url }) =>
      client<unknown>(url, { method: 'POST', body: json as object, retry: 0, ...(signal ? { signal } : {}) });
  },
  'openapi-fetch': ({ fetch }) => {
    const client = createClient<Paths>({ fetch });
    return async ({ json, signal, url }) => {
      const { data } = await client.POST(url, { body: json, ...(signal ? { signal } : {}) });
      return data;
    };
  },
  'TanStack Query': ({ fetch }) => {
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    let count = 0;
    return async ({ json, signal, url }) => {
      count += 1;
      const queryKey = ['orders', count];
      signal?.addEventListener('abort', () => void client.cancelQueries({ queryKey }));
      return client.fetchQuery({
        queryKey,
        queryFn: async (context) => {
          const response = await fetch(url, { method: 'POST', body: JSON.stringify(json), signal: context.signal });
          if (!response.ok) throw new Error(`HTTP ${response.status}`);
          return response.json();
        },
      });
    };
  },
};

const document = gql`
  mutation Order($note: String!) {
    order(note: $note)
  }
`;

const graphClients: Readonly<Record<string, (session: Session) => Post>> = {
  urql: ({ fetch }) => {
    return ({ json, signal, url }) => {
      const client = new Client({ url, fetch, exchanges: [fetchExchange], preferGetMethod: false });
      return new Promise((resolve, reject) => {
        const subscription = client
          .mutation<unknown>(document, json as object)
          .subscribe(({ data, error }) => (error ? reject(error) : resolve(data)));
        signal?.addEventListener('abort', () => {
          subscription.unsubscribe();
          reject(new Error('Nobody listens any more.'));
        });
      });
    };
  },
  'graphql-request': ({ fetch }) => {
    return ({ json, signal, url }) => {
      const client = new GraphQLClient(url, { fetch, ...(signal ? { signal } : {}) });
      return client.request<unknown>(document, json as object);
    };
  },
};

describe.each([
  ...Object.entries(clients).map(([name, make]) => ({ name, make, answer: 'echo' })),
  ...Object.entries(graphClients).map(([name, make]) => ({ name, make, answer: 'graph' })),
])('$name', ({ answer, make }) => {
  test('carries the token', async () => {
    const { arrivals, session, url } = await signIn('good');
    await make(session)({ url: url({ answer }), json: { note: 'first' } });
    expect((await arrivals()).map(({ headers }) => headers['authorization'])).toEqual(['Bearer good']);
  });

  test('does not see that its calls were refused, and sent again after one rotation', async () => {
    const { arrivals, rotations, session, url } = await signIn('dead');
    const post = make(session);
    const notes = Array.from({ length: 10 }, (_, index) => `note ${index}`);
    const answers = await Promise.all(notes.map((note) => post({ url: url({ answer }), json: { note } })));
    expect(answers.every((data) => data !== null && typeof data === 'object')).toBe(true);
    expect(await rotations()).toBe(1);
    const arrived = await arrivals();
    const isDead = ({ headers }: Arrival) => headers['authorization'] === 'Bearer dead';
    const bodies = (which: readonly Arrival[]) => which.map(({ body }) => body).toSorted();
    const kept = bodies(arrived.filter((each) => !isDead(each)));
    // On a busy machine some leave only after the rotation, and are never refused; the others came twice, the same to the byte.
    const refused = bodies(arrived.filter(isDead));
    expect([kept.length, new Set(kept).size]).toEqual([10, 10]);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused).toEqual(kept.filter((body) => refused.includes(body)));
  });

  test('is told of an answer that is no refusal as ever', async () => {
    const { rotations, session, url } = await signIn('good');
    const post = make(session)({ url: url({ answer: 'empty', status: 403 }), json: { note: 'first' } });
    if (answer === 'echo') {
      const told = await post.catch((error: unknown) => error);
      expect(told === undefined || told instanceof Error).toBe(true);
    } else await expect(post).rejects.toBeInstanceOf(Error);
    expect(await rotations()).toBe(0);
  });

  test('cancels what waits for a rotation, and nothing else', async () => {
    const { session, url } = await signIn('good');
    const post = make(session);
    const controller = new AbortController();
    // Whoever comes after sign-in's call waits for it.
    const starting = session.start({
      access_token: 'good',
      token_type: 'Bearer',
      expires_in: 3_600,
      refresh_token: 'r',
    });
    const cancelled = post({ url: url({ answer }), json: { note: 'cancelled' }, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    const other = post({ url: url({ answer }), json: { note: 'other' } });
    controller.abort();
    expect(await cancelled).toBeInstanceOf(Error);
    await starting;
    expect(await other).toBeTypeOf('object');
  });
});

test('ofetch and the rest take the patched global fetch without being told', async () => {
  const { patchFetch } = await import('../../src/patch.ts');
  const { arrivals, session, url } = await signIn('good');
  onTestFinished(patchFetch(session));
  await ofetch(url());
  await ky(url());
  await axios.get(url(), { adapter: 'fetch' });
  expect((await arrivals()).map(({ headers }) => headers['authorization'])).toEqual(Array(3).fill('Bearer good'));
});

test('an EventSource that is given the session’s fetch carries the token, and does not see a refusal', async () => {
  const { rotations, session, url } = await signIn('dead');
  const source = new FetchedEventSource(url({ answer: 'events' }), { fetch: session.fetch });
  onTestFinished(() => source.close());
  const event = await new Promise<MessageEvent>((resolve, reject) => {
    source.addEventListener('message', resolve);
    source.addEventListener('error', reject);
  });
  expect(event.data).toBe('first');
  expect(await rotations()).toBe(1);
});

test('a WebSocket is opened with a token that has time left', async () => {
  const { arrivals, session, url } = await signIn('good');
  const far = await (await fetch('/backend/elsewhere')).text();
  const address = new URL(`socket${new URL(url()).search}`, far.replace('http', 'ws'));
  const socket = new WebSocket(address, ['bearer', await session.token({ minValidity: 60 })]);
  const event = await new Promise<MessageEvent>((resolve, reject) => {
    socket.addEventListener('message', resolve);
    socket.addEventListener('error', reject);
  });
  socket.close();
  expect(event.data).toBe('hello');
  expect((await arrivals())[0]?.headers['sec-websocket-protocol']).toBe('bearer, good');
});
