/** RomM's token endpoint and API: one-use refresh tokens, and no expired bearer is let through, not even to what is public. */
import { createAccessTokens, type Build } from './stand.ts';

export const romm: Build = ({ failsOnExpired = false, life }, counts) => {
  const access = createAccessTokens(life, counts);
  const unused = new Set<string>();
  let given = 0;

  const next = () => {
    given += 1;
    unused.add(`refresh-${given}`);
    return {
      access_token: access.mint(),
      refresh_token: `refresh-${given}`,
      token_type: 'bearer',
      expires: life,
      refresh_expires: 604_800,
    };
  };
  const unauthorized = { status: 401, body: { detail: 'Could not validate credentials' } };

  return {
    login: next,
    isRotation: ({ path }) => path === '/api/token',
    answer: (question) => {
      const { body, path } = question;
      if (path !== '/api/token') {
        const worth = access.judge(question);
        if (worth === 'good' || (worth === 'none' && path.startsWith('/api/public'))) return { body: { ok: true } };
        if (worth === 'none') return { status: 403, body: { detail: 'Forbidden' } };
        return failsOnExpired ? { status: 500, body: 'Internal Server Error', isShared: false } : unauthorized;
      }
      const form = new URLSearchParams(body);
      const refreshToken = form.get('refresh_token');
      if (form.get('grant_type') !== 'refresh_token' || refreshToken === null)
        return { status: 400, body: { detail: 'Missing refresh token' } };
      // Redis' get-and-delete.
      if (!unused.delete(refreshToken)) {
        counts.reuses += 1;
        return unauthorized;
      }
      counts.rotations += 1;
      return { body: next() };
    },
  };
};
