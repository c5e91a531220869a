/** Calls of fetch, drawn at random: what is asked for, in which form, and when the caller leaves. */
import fc from 'fast-check';

/** Everything that a call is made of, as data: two calls of the same description are the same call. */
export interface Call {
  readonly place: 'ours' | 'ours, far' | 'outside' | 'elsewhere';
  readonly form: 'string' | 'relative' | 'URL' | 'stringifiable' | 'Request' | 'used Request';
  /** Whether the options are the request's, and not the init's, where there is a request. */
  readonly isInRequest: boolean;
  readonly query: Readonly<Record<string, string | number>>;
  readonly location: 'none' | 'ours' | 'ours, far' | 'outside' | 'elsewhere' | undefined;
  readonly options: Readonly<Omit<RequestInit, 'body' | 'headers' | 'signal' | 'integrity'>> & {
    readonly priority?: string;
  };
  readonly body: BodyKind;
  readonly headers:
    | { readonly form: 'object' | 'pairs' | 'Headers'; readonly pairs: readonly [string, string][] }
    | undefined;
  readonly integrity: 'right' | 'wrong' | undefined;
  readonly abort: 'never' | 'before' | 'at once' | 'waiting' | 'reading';
  /** Whether the caller changes init, headers and bytes after the call. */
  readonly isMutated: boolean;
}

const BODIES = {
  none: () => undefined,
  null: () => null,
  empty: () => '',
  string: () => 'žluťoučký kůň',
  number: () => 42 as unknown as BodyInit,
  Blob: () => new Blob(['a blob'], { type: 'image/x-any' }),
  'Blob without a type': () => new Blob(['a blob']),
  ArrayBuffer: () => new TextEncoder().encode('a buffer').buffer,
  'typed array': () => new TextEncoder().encode('..a part of a buffer..').subarray(2, -2),
  DataView: () => new DataView(new TextEncoder().encode('a view').buffer),
  URLSearchParams: () => new URLSearchParams({ a: '1', b: '2 3', ž: '&' }),
  FormData: () => {
    const form = new FormData();
    form.set('field', 'välue');
    form.append('file', new Blob(['contents'], { type: 'text/x-any' }), 'näme.txt');
    form.append('file', new File([new Uint8Array(5_000)], 'bytes.bin'));
    return form;
  },
  stream: () => new Blob(['a stream']).stream(),
} satisfies Readonly<Record<string, () => BodyInit | null | undefined>>;

export type BodyKind = keyof typeof BODIES;

/** A body of that kind, new each time. */
export function bodyOf(kind: BodyKind): BodyInit | null | undefined {
  return BODIES[kind]();
}

const PLACES = ['ours', 'ours', 'ours, far', 'outside', 'elsewhere'] as const;

const headerPairs = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom<[string, string]>(
        ['x-a', '1'],
        ['X-A', '2'],
        ['accept', 'text/x-any'],
        ['x-ž'.slice(0, 2), 'ÿ'],
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom<[string, string]>(
        ['Content-Type', 'application/json'],
        ['cookie', 'a=b'],
        ['range', 'bytes=0-9'],
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<[string, string]>(
        ['Authorization', 'Basic eDp5'],
        ['bad name', '1'],
        ['x-b', 'line\nbreak'],
        ['x-c', 'Ā'],
      ),
    },
  ),
  { maxLength: 3 },
);

const common = {
  place: fc.constantFrom(...PLACES),
  form: fc.constantFrom<Call['form']>(
    'string',
    'string',
    'relative',
    'URL',
    'stringifiable',
    'Request',
    'Request',
    'used Request',
  ),
  isInRequest: fc.boolean(),
  headers: fc.option(fc.record({ form: fc.constantFrom('object', 'pairs', 'Headers'), pairs: headerPairs }), {
    nil: undefined,
  }),
  body: fc.constantFrom(...(['none', 'none', 'none', ...Object.keys(BODIES)] as BodyKind[])),
  isMutated: fc.boolean(),
  integrity: fc.option(fc.constantFrom('right', 'wrong'), { nil: undefined, freq: 9 }),
  options: fc.record(
    {
      method: fc.constantFrom(
        'GET',
        'get',
        'POST',
        'POST',
        'post',
        'PUT',
        'PATCH',
        'DELETE',
        'HEAD',
        'QUERY',
        'TRACE',
        'b@d',
      ),
      mode: fc.constantFrom('cors', 'cors', 'same-origin', 'no-cors', 'navigate'),
      credentials: fc.constantFrom('omit', 'include', 'same-origin'),
      cache: fc.constantFrom('default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'),
      redirect: fc.constantFrom('follow', 'error', 'manual'),
      referrer: fc.constantFrom('', 'about:client', '/backend/a/page', 'https://elsewhere.example.com/'),
      referrerPolicy: fc.constantFrom('', 'no-referrer', 'origin', 'unsafe-url', 'strict-origin'),
      keepalive: fc.boolean(),
      priority: fc.constantFrom('high', 'low', 'auto', 'no such'),
      duplex: fc.constant('half'),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Call['options']>,
};

/** A server that answers. */
const answered = fc.record({
  ...common,
  abort: fc.constantFrom('never', 'never', 'never', 'never', 'before', 'at once'),
  query: fc.record({
    answer: fc.constantFrom('echo', 'echo', 'empty', 'text', 'bytes', 'stream', 'cut', 'events'),
    status: fc.constantFrom(200, 200, 200, 200, 201, 204, 205, 400, 403, 404, 500, 503),
  }),
  location: fc.constant(undefined),
});

/** A server that sends the caller elsewhere. */
const redirected = fc.record({
  ...common,
  abort: fc.constant('never'),
  query: fc.record({ answer: fc.constant('text'), status: fc.constantFrom(301, 302, 303, 307, 308) }),
  location: fc.constantFrom('none', ...PLACES),
});

/** A server that does not come to an end; a caller that leaves. */
const hanging = fc.record({
  ...common,
  abort: fc.constant('waiting'),
  query: fc.record({ answer: fc.constant('hang') }),
  location: fc.constant(undefined),
});

const endless = fc.record({
  ...common,
  abort: fc.constant('reading'),
  query: fc.record({ answer: fc.constant('endless') }),
  location: fc.constant(undefined),
});

export const calls = fc.oneof(
  { weight: 6, arbitrary: answered },
  { weight: 2, arbitrary: redirected },
  { weight: 1, arbitrary: hanging },
  { weight: 1, arbitrary: endless },
) as fc.Arbitrary<Call>;
