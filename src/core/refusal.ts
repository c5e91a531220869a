/** What an answer says about the token: a resource's refusal, or how a rotation went. */
import { readChallenges } from './challenge.ts';
import type { RotationOutcome, Tokens } from './types.ts';

/** What a new token would not change. Names of their own that servers give to a dead token count as refusals. */
const BLAMELESS = /^(insufficient_scope|invalid_request)$/;

/** Larger answers of a token endpoint are not read to their end. */
const BODY_LIMIT = 1_048_576;

/**
 * Whether a resource refused the access token (RFC 6750 section 3.1): a 401, unless its challenge for the
 * scheme says that the token is not to blame: a new one has no more rights, and mends no request.
 */
export function refusesToken(response: Response, scheme: string): boolean {
  if (response.status !== 401) return false;
  const errors = readChallenges(response.headers.get('www-authenticate'))
    .filter((challenge) => challenge.scheme === scheme)
    .map((challenge) => challenge.parameters.get('error'));
  return errors.length === 0 || errors.some((error) => !BLAMELESS.test(error ?? ''));
}

/** OAuth errors that say that the request, not the token, is wrong (RFC 6749 section 5.2, RFC 9449 section 5). */
const CONFIGURATION =
  /^(invalid_client|invalid_dpop_proof|invalid_request|invalid_scope|unauthorized_client|unsupported_grant_type|use_dpop_nonce)$/;

/**
 * Sorts a token endpoint's answer into the outcomes of a rotation (RFC 6749 sections 5.1 and 5.2).
 *
 * @param read Makes tokens of the parsed body; what it throws makes the outcome `unknown`.
 * @param good The status of a token response. Default 200.
 * @param mayBeEmpty Whether nothing to read is nothing told. Default `false`: then it is no token response.
 */
export async function readRotation(
  response: Response,
  read: (body: unknown) => Tokens,
  good = 200,
  mayBeEmpty = false,
): Promise<RotationOutcome> {
  const { status } = response;
  const retryAfter = readRetryAfter(response.headers);
  if (status === 429 || status === 408) {
    void response.body?.cancel().catch(() => undefined); // It may have been cut meanwhile.
    return { outcome: 'held-back', status, retryAfter };
  }
  try {
    const text = await readText(response);
    if (status >= 400 && status <= 499) return refused(status, errorOf(text));
    if (status !== good) return { outcome: 'unknown', status, retryAfter };
    return {
      outcome: 'rotated',
      tokens: read(readJson(text || (mayBeEmpty ? '{}' : text))),
      serverTime: readDate(response.headers.get('date')),
    };
  } catch (cause) {
    return { outcome: 'unknown', status, retryAfter, cause };
  }
}

function refused(status: number, code: string | undefined): RotationOutcome {
  const isRejected = code === 'invalid_grant' || (status === 401 && !CONFIGURATION.test(code ?? ''));
  return { outcome: isRejected ? 'rejected' : 'misconfigured', status, code };
}

/** What error codes look like. Tokens do not: a server that echoes what we sent is not quoted. */
const CODE = /^[a-z][a-z._-]{0,63}$/;

/** RFC 6749 section 5.2: the code only. A description is somebody's text, and may quote what we sent. */
export function errorOf(text: string | undefined): string | undefined {
  try {
    const code: unknown = Object.getOwnPropertyDescriptor(readJson(text), 'error')?.value;
    return typeof code === 'string' && CODE.test(code) ? code : undefined;
  } catch {
    return undefined; // A page: the status alone has to say it.
  }
}

export function readJson(text: string | undefined): unknown {
  if (text === undefined) throw new TypeError('The answer is larger than a token response can be.');
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('The answer is not JSON.'); // V8's own message quotes the input.
  }
}

/** The body; nothing when it is too large. Rejects when it is cut. */
export async function readText(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let size = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > BODY_LIMIT) {
      void reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/** Milliseconds to wait, from seconds or an HTTP date (RFC 9110 section 10.2.3); what is neither is passed over. */
export function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1_000;
  const [until, from] = [readDate(value), readDate(headers.get('date'))];
  // A date says how long only beside the server's own; ours may be wrong.
  return from === undefined || until === undefined ? undefined : Math.max(0, until - from);
}

/** `Date.parse` finds a date in almost any words that hold a number. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/** An HTTP date (RFC 9110 section 5.6.7), always GMT. The server's own is unreadable across origins unless exposed by CORS. */
function readDate(value: string | null): number | undefined {
  if (value === null || !HTTP_DATE.test(value)) return undefined;
  const time = Date.parse(value.endsWith(' GMT') ? value : `${value} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
