/** What every check of the conformance kit stands on. */
import type { RotationOutcome, TokenServer, Tokens } from '../core/types.ts';
import { fullUrl, type Call, type FakeBackend } from './fake-backend.ts';

/** Notes a finding. */
export type Report = (name: string, message: string) => void;

/** What each check is given. */
export interface Bench {
  readonly server: TokenServer;
  readonly backend: FakeBackend;
  readonly report: Report;
  /** Of a login of this check's own. */
  readonly tokens: Tokens;
}

/** Checks by name. One that throws is a finding. */
export type Checks = Readonly<Record<string, (bench: Bench) => void | Promise<void>>>;

/** A URL of the API. */
export function resourceOf({ backend, server }: Bench): string {
  return backend.resource ?? new URL('/holdfast-check', fullUrl(server.endpoints[0] ?? '/')).href;
}

/** Addresses are written into logs. */
export function keepSecrets(report: Report, member: string, { sent }: Call, tokens: Tokens): void {
  const secrets = [tokens.accessToken, tokens.refreshToken].filter((secret) => secret !== undefined);
  const urls = sent.map(({ url }) => decodeURIComponent(url));
  if (secrets.some((secret) => urls.some((url) => url.includes(secret)))) {
    report(`${member}.url`, 'A URL holds a token.');
  }
}

/** Throwing counts as `unknown`, and so does what is not there to be called. */
export async function outcomeOf(result: Promise<RotationOutcome> | undefined): Promise<RotationOutcome> {
  try {
    return (await result) ?? { outcome: 'unknown' };
  } catch {
    return { outcome: 'unknown' };
  }
}

/** What the task throws. */
export function errorOf(task: () => unknown): unknown {
  try {
    task();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The message may hold anything. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'something that is no error');

/** The members of a token response. */
export function membersOf(response: unknown): readonly (readonly [name: string, value: unknown])[] {
  return typeof response === 'object' && response !== null ? Object.entries(response) : [];
}
