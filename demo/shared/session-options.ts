/** What every page of the demo tells holdfast. They are one origin and use one name: so they share one session. */
import { oauth2, type SessionOptions } from 'holdfast';
import { accessTokenLife, api, clientId, issuer } from './settings.ts';

/** Seconds before its expiry at which a token counts as dead. At least one: JWTs count in whole seconds. */
export const leeway = Math.min(30, Math.max(1, accessTokenLife / 4));

/** For `createSession`. */
export const sessionOptions: SessionOptions = {
  server: oauth2({
    tokenEndpoint: `${issuer}/token`,
    revocationEndpoint: `${issuer}/token/revocation`,
    clientId,
  }),
  resources: [`${api}/api/`],
  leeway,
};
