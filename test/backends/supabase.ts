/** Supabase Auth: the refresh token that the newest came of brings the newest once more, at any time; an older one ends the session. */
import { createAccessTokens, type Build } from './stand.ts';

export const supabase: Build = ({ life }, counts) => {
  const access = createAccessTokens(life, counts);
  let given = 0;
  let isOver = false;

  const next = () => ({
    access_token: access.mint(),
    token_type: 'bearer',
    expires_in: life,
    expires_at: Math.floor(Date.now() / 1_000) + life,
    refresh_token: `refresh-${given}`,
    user: { id: '6a4c', aud: 'authenticated' },
  });
  const refused = (status: number, error_code: string) => ({ status, body: { code: status, error_code, msg: '' } });

  return {
    login: () => {
      isOver = false;
      given += 1;
      return next();
    },
    isRotation: ({ path }) => path === '/auth/v1/token',
    answer: (question) => {
      const { body, headers, path } = question;
      if (headers['apikey'] !== 'public') return refused(401, 'no_authorization');
      if (path === '/auth/v1/logout') {
        counts.logouts += 1;
        isOver = true;
        return { status: 204 };
      }
      if (path !== '/auth/v1/token')
        return access.judge(question) === 'good' ? { body: [] } : { status: 401, body: { message: 'JWT expired' } };
      const { refresh_token: presented } = JSON.parse(body) as { readonly refresh_token?: string };
      if (isOver || presented === undefined) return refused(400, 'refresh_token_not_found');
      const age = given - Number(presented.replace('refresh-', ''));
      if (age > 1) {
        counts.reuses += 1;
        isOver = true;
        return refused(400, 'refresh_token_already_used');
      }
      if (age === 0) {
        given += 1;
        counts.rotations += 1;
      }
      return { body: next() };
    },
  };
};
