/**
 * Keeps a single-page app signed in.
 *
 * @packageDocumentation
 */
export {
  BodyNotReplayableError,
  QueueFullError,
  QueueTimeoutError,
  RotationError,
  SessionEndedError,
} from './core/errors.ts';
export type {
  Attachment,
  EndReason,
  Inspection,
  LiveState,
  LogRecord,
  LostAnswer,
  RequestParts,
  Rotation,
  RotationCause,
  RotationOutcome,
  ServerContext,
  Session,
  SessionEvents,
  SessionOptions,
  SessionState,
  TokenServer,
  Tokens,
  Undo,
} from './core/types.ts';
export { createSession } from './create-session.ts';
export { oauth2, type OAuth2Options } from './servers/oauth2.ts';
