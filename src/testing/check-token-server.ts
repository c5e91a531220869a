/** The conformance kit: plays a token server through good days and bad ones, and tells what a session could not rely on. */
import { checkTokens } from '../core/tokens.ts';
import type { TokenServer, Tokens } from '../core/types.ts';
import { errorOf, membersOf, nameOf, type Checks, type Report } from './bench.ts';
import type { FakeBackend } from './fake-backend.ts';
import { memberChecks } from './member-checks.ts';
import { rotationChecks } from './rotation-checks.ts';

/** Something that a session relies on, and that the server does not keep. */
export interface Finding {
  /** The member and what it is about, as `rotate.503`: a stable name. */
  readonly name: string;
  /** A sentence that says what is wrong. It holds no part of a token. */
  readonly message: string;
}

/**
 * Checks a {@link TokenServer} against a backend in memory: how it reads, attaches and rotates tokens, what it takes a
 * backend's troubles for, and whether it keeps tokens to itself. Resolves with what it found, and with an empty list for
 * a server that a session can rely on. Needs no browser and no test framework.
 *
 * @example
 * const findings = await checkTokenServer(supabase({ url, key }), { login, answer });
 * expect(findings).toEqual([]);
 */
export async function checkTokenServer(server: TokenServer, backend: FakeBackend): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const report = (name: string, message: string): void => void findings.push({ name, message });
  const tokens = readLogin(server, backend, report);
  if (tokens === undefined) return findings;
  for (const [name, check] of Object.entries(checks)) {
    try {
      // One after the other: a backend's refresh token works once.
      await check({ server, backend, report, tokens: readLogin(server, backend, report) ?? tokens });
    } catch (error) {
      report(`${name}.throws`, `${name} threw ${nameOf(error)} where it must not throw.`);
    }
  }
  return findings;
}

const checks: Checks = { ...memberChecks, ...rotationChecks };

/** The tokens of a login, where they can be read. */
function readLogin(server: TokenServer, backend: FakeBackend, report: Report): Tokens | undefined {
  const response = backend.login();
  const error = errorOf(() => checkTokens(server.readTokens(response)));
  if (error !== undefined) {
    report('readTokens.login', `The login’s token response cannot be read: ${nameOf(error)}.`);
    return undefined;
  }
  const tokens = Object.freeze(server.readTokens(response));
  if (
    tokens.life !== 0 &&
    membersOf(response).some(([name, value]) => name === 'expires_in' && value === tokens.life)
  ) {
    report('readTokens.life', 'life is expires_in as it came: it must be milliseconds.');
  }
  return tokens;
}
