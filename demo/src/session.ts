/** The session: everything an app has to tell holdfast. */
import { createSession, oauth2 } from 'holdfast';
import { report } from './report.ts';
import { accessTokenLife, api, clientId, issuer } from './settings.ts';

/** Seconds before its expiry at which a token counts as dead. At least one: JWTs count in whole seconds. */
export const leeway = Math.min(30, Math.max(1, accessTokenLife / 4));

/** The one session of this page. */
export const session = createSession({
  server: oauth2({
    tokenEndpoint: `${issuer}/token`,
    revocationEndpoint: `${issuer}/token/revocation`,
    clientId,
  }),
  resources: [`${api}/api/`],
  leeway,
  logger: report,
});
