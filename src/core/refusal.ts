/** What an answer says about the token: a resource's refusal, or how a rotation went. */
import { readChallenges } from './challenge.ts';
import type { RotationOutcome, Tokens } from './types.ts';

/** Larger answers of a token endpoint are not read to their end. */
const BODY_LIMIT = 1_048_576;

/**
 * Whether a resource refused the access token (RFC 6750 section 3.1): a 401, unless its challenge for the
 * scheme names another error than `invalid_token`. `insufficient_scope` is no refusal: a new token has no
 * more rights.
 */
export function refusesToken(response: Response, scheme: string): boolean {
  if (response.status !== 401) return false;
  const errors = readChallenges(response.headers.get('www-authenticate'))
    .filter((challenge) => challenge.scheme === scheme)
    .map((challenge) => challenge.parameters.get('error'));
  return errors.length === 0 || errors.some((error) => error === undefined || error === 'invalid_token');
}

/** OAuth errors that say that the request, not the token, is wrong (RFC 6749 section 5.2). */
const CONFIGURATION = /^(invalid_client|invalid_request|invalid_scope|unauthorized_client|unsupported_grant_type)$/;

/**
 * Sorts a token endpoint's answer into the outcomes of a rotation (RFC 6749 sections 5.1 and 5.2).
 *
 * @param read Makes tokens of the parsed body; what it throws makes the outcome `unknown`.
 * @param good The status of a token response. Default 200.
 */
export async function readRotation(
  response: Response,
  read: (body: unknown) => Tokens,
  good = 200,
): Promise<RotationOutcome> {
  const { status } = response;
  const retryAfter = readRetryAfter(response.headers);
  if (status === 429 || status === 408) {
    void response.body?.cancel();
    return { outcome: 'held-back', status, retryAfter };
  }
  try {
    const body = await readJson(response);
    if (status === good) return { outcome: 'rotated', tokens: read(body), serverTime: readDate(response.headers) };
    if (status < 400 || status > 499) return { outcome: 'unknown', status, retryAfter };
    return refused(status, errorOf(body));
  } catch (cause) {
    if (status >= 400 && status <= 499) return refused(status, undefined);
    return { outcome: 'unknown', status, retryAfter, cause };
  }
}

function refused(status: number, code: string | undefined): RotationOutcome {
  const isRejected = code === 'invalid_grant' || (status === 401 && !CONFIGURATION.test(code ?? ''));
  return { outcome: isRejected ? 'rejected' : 'misconfigured', status, code };
}

/** RFC 6749 section 5.2: the code only. A description is somebody's text, and may quote what we sent. */
function errorOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const code: unknown = Object.getOwnPropertyDescriptor(body, 'error')?.value;
  return typeof code === 'string' && /^[\w.:/-]{1,64}$/.test(code) ? code : undefined;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('The answer is not JSON.'); // V8's own message quotes the input.
  }
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let size = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > BODY_LIMIT) {
      void reader.cancel();
      throw new TypeError('The answer is larger than a token response can be.');
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
  const until = Date.parse(value);
  const from = readDate(headers);
  // A date says how long only beside the server's own; ours may be wrong.
  return from === undefined || Number.isNaN(until) ? undefined : Math.max(0, until - from);
}

/** The server's clock by its `Date` header; unreadable across origins unless exposed by CORS. */
function readDate(headers: Headers): number | undefined {
  const time = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(time) ? undefined : time;
}
