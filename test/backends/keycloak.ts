/** A Keycloak realm's token and logout endpoints, with "Revoke Refresh Token" off or on and its "Max Reuse". */
import { createAccessTokens, type Build } from './stand.ts';

const REALM = '/realms/test/protocol/openid-connect';

export const keycloak: Build = ({ life, maxReuse }, counts) => {
  const access = createAccessTokens(life, counts);
  const uses = new Map<string, number>();
  let isOver = false;
  let given = 0;

  const next = () => {
    given += 1;
    const refreshToken = `refresh-${given}`;
    uses.set(refreshToken, 0);
    return {
      access_token: access.mint(),
      expires_in: life,
      refresh_expires_in: 1_800,
      refresh_token: refreshToken,
      token_type: 'Bearer',
      'not-before-policy': 0,
      session_state: 'b0c0a0d0-0000-4000-8000-000000000000',
      scope: 'email profile',
    };
  };
  const invalid = (error_description: string) => ({ status: 400, body: { error: 'invalid_grant', error_description } });

  return {
    // Another session: the tokens of the one before are not of it.
    login: () => {
      isOver = false;
      uses.clear();
      return next();
    },
    isRotation: ({ path }) => path === `${REALM}/token`,
    answer: (question) => {
      const { body, method, path } = question;
      const form = new URLSearchParams(body);
      const refreshToken = form.get('refresh_token') ?? '';
      if (path === `${REALM}/logout`) {
        counts.logouts += 1;
        isOver ||= uses.has(refreshToken);
        return { status: 204 };
      }
      if (path !== `${REALM}/token`) {
        return access.judge(question) === 'good'
          ? { body: { ok: true } }
          : { status: 401, headers: { 'www-authenticate': 'Bearer realm="test", error="invalid_token"' } };
      }
      if (method !== 'POST' || form.get('grant_type') !== 'refresh_token')
        return { status: 400, body: { error: 'unsupported_grant_type', error_description: 'Unsupported grant_type' } };
      if (form.get('client_id') !== 'spa')
        return {
          status: 401,
          body: { error: 'invalid_client', error_description: 'Invalid client or Invalid client credentials' },
        };
      const used = uses.get(refreshToken);
      if (used === undefined) return invalid('Invalid refresh token');
      if (isOver) return invalid('Session not active');
      if (maxReuse !== undefined && used > maxReuse) {
        counts.reuses += 1;
        isOver = true;
        return invalid('Maximum allowed refresh token reuse exceeded');
      }
      uses.set(refreshToken, used + 1);
      counts.rotations += 1;
      return { body: next() };
    },
  };
};
