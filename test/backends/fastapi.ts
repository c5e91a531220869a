/** The token service of a FastAPI application: JSON, and a refresh token that stays unless it is told to rotate. */
import { createAccessTokens, type Build } from './stand.ts';

export const fastapi: Build = ({ isRotating = false, life }, counts) => {
  const access = createAccessTokens(life, counts);
  let refreshToken = 'refresh-0';
  const next = () => ({ access_token: access.mint(), expires_in: life });
  return {
    login: () => ({ ...next(), refresh_token: refreshToken }),
    isRotation: ({ path }) => path === '/token/refresh',
    answer: (question) => {
      const { body, headers, method, path } = question;
      if (path !== '/token/refresh') {
        const worth = access.judge(question);
        if (worth === 'good') return { body: { ok: true } };
        const detail = { expired: 'Token expired', unknown: 'Invalid token', none: 'Not authenticated' }[worth];
        return { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: { detail } };
      }
      if (method !== 'POST' || headers['content-type'] !== 'application/json')
        return { status: 422, body: { detail: [] } };
      const { refresh_token: presented } = JSON.parse(body) as { readonly refresh_token?: string };
      if (presented === undefined) return { status: 422, body: { detail: [] } };
      if (presented !== refreshToken) {
        counts.reuses += 1;
        return { status: 401, body: { detail: 'Invalid refresh token' } };
      }
      counts.rotations += 1;
      if (!isRotating) return { body: next() };
      refreshToken = `refresh-${counts.rotations}`;
      return { body: { ...next(), refresh_token: refreshToken } };
    },
  };
};
