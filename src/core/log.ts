/** Structured records for the app's logger. Facts are numbers, names and statuses, never any part of a token. */
import type { Clock } from './ports.ts';
import { callSafely } from './state.ts';
import type { LogRecord } from './types.ts';

export type Log = (level: LogRecord['level'], event: string, facts?: LogRecord['facts']) => void;

export function createLog(
  logger: ((record: LogRecord) => void) | undefined,
  clock: Clock,
  report: (error: unknown) => void,
): Log {
  if (logger === undefined) return () => undefined;
  return (level, event, facts = {}) => callSafely(logger, { at: clock.now(), level, event, facts }, report);
}
