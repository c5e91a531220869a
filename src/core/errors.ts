/** The errors, one class for each thing a caller can do next. */
import type { EndReason } from './types.ts';

/** There is no session for this request: sign in again. */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError';
  readonly code = 'ERR_SESSION_ENDED';
  /** Why it ended; `'absent'` when there was none, `'disposed'` after {@link Session.dispose}, `'no-page'` on a server. */
  readonly reason: EndReason | 'absent' | 'disposed' | 'no-page';

  constructor(reason: EndReason | 'absent' | 'disposed' | 'no-page') {
    super(
      reason === 'absent'
        ? 'Nobody is signed in.'
        : reason === 'disposed'
          ? 'The session object was disposed.'
          : reason === 'no-page'
            ? 'There is no session on a server: only a page has one.'
            : `The session has ended: ${reason}.`,
    );
    this.reason = reason;
  }
}

/** The tokens could not be rotated. The session is not over: try again at `retryAt`, or mend the configuration. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
  readonly code = 'ERR_ROTATION';
  /** HTTP status of the token endpoint's answer, if there was one. */
  readonly status: number | undefined;
  /** The next try, in epoch milliseconds. Absent: none is planned. */
  readonly retryAt: number | undefined;
  /** True when trying again cannot help: the server refused the request itself (`invalid_client`, …). */
  readonly permanent: boolean;

  constructor(
    message: string,
    facts: {
      readonly status?: number | undefined;
      readonly retryAt?: number | undefined;
      readonly permanent?: boolean | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.status = facts.status;
    this.retryAt = facts.retryAt;
    this.permanent = facts.permanent ?? false;
  }
}

/** The request waited for new tokens as long as `queue.timeout` allows. It was not sent, or not again after a refusal. */
export class QueueTimeoutError extends Error {
  override readonly name = 'QueueTimeoutError';
  readonly code = 'ERR_QUEUE_TIMEOUT';
  /** How long it waited, in seconds. */
  readonly waited: number;

  constructor(waited: number) {
    super(`The request waited ${waited} s for new tokens in vain.`);
    this.waited = waited;
  }
}

/** As many requests wait as `queue.limit` allows. This one was not sent. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
  readonly code = 'ERR_QUEUE_FULL';
  /** How many may wait. */
  readonly limit: number;

  constructor(limit: number) {
    super(`${limit} requests already wait for new tokens; this one was not sent.`);
    this.limit = limit;
  }
}

/** The server refused the token, and the request's body, a stream, cannot be sent a second time. */
export class BodyNotReplayableError extends Error {
  override readonly name = 'BodyNotReplayableError';
  readonly code = 'ERR_BODY_NOT_REPLAYABLE';
  /** The server's refusal. */
  readonly response: Response;

  constructor(response: Response) {
    super('The server refused the access token, and the body of the request is a stream that cannot be sent again.');
    this.response = response;
  }
}
