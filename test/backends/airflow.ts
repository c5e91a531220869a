/** Airflow's task API: the token is checked, the call is answered, and then the token is issued anew if it still holds. */
import { bearerOf, type Build, type Question } from './stand.ts';

/** Seconds before its end in which a token is issued anew, or a fifth of its life where that is more. */
const WINDOW = 30;

export const airflow: Build = ({ life }, counts) => {
  let given = 0;

  const issue = (at: number) => {
    given += 1;
    const claims = { iss: 'airflow', sub: 'task-1', jti: `${given}`, iat: Math.floor(at), exp: Math.floor(at) + life };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part(claims)}.c2ln`;
  };
  const left = (token: string, at: number): number => {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      readonly exp: number;
    };
    return exp - at;
  };

  return {
    login: () => ({ access_token: issue(Date.now() / 1_000) }),
    isRotation: ({ path }) => path === '/health',
    answer: ({ headers, path }: Question) => {
      const token = bearerOf(headers['authorization']);
      const at = Date.now() / 1_000;
      if (token === undefined) {
        counts.anonymous += 1;
        return { status: 401, body: { detail: 'Missing auth token' } };
      }
      if (left(token, at) <= 0) {
        counts.refused.push((life - left(token, at)) * 1_000);
        return { status: 403, body: { detail: 'Invalid auth token: Signature has expired' } };
      }
      if (path === '/health') counts.rotations += 1;
      else counts.good += 1;
      const after = Number(/^\/api\/slow\/(\d+)/.exec(path)?.[1] ?? 0);
      const status = path === '/api/forbidden' ? 403 : path === '/api/broken' ? 500 : 200;
      const body = status === 403 ? { detail: 'Forbidden' } : { ok: status === 200 };
      // The race: valid when it was checked, expired when it is issued anew.
      const then = left(token, at + after / 1_000);
      const isDue = then > 0 && then <= Math.max(life * 0.2, WINDOW);
      const pushed: Record<string, string> = isDue ? { 'refreshed-api-token': issue(at + after / 1_000) } : {};
      return { status, body, after, headers: { ...pushed, 'access-control-expose-headers': 'Refreshed-API-Token' } };
    },
  };
};
