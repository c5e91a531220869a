/** What the page's server wrote into its head: where the other servers are. */

function setting(name: string): string {
  const meta = document.head.querySelector<HTMLMetaElement>(`meta[name="${name}"]`);
  if (meta === null) throw new TypeError(`The page has no <meta name="${name}">.`);
  return meta.content;
}

/** The authorization server. */
export const issuer = setting('issuer');

/** The API's origin. */
export const api = setting('api');

/** This app, as the authorization server knows it. */
export const clientId = setting('client-id');

/** Seconds that an access token lives. */
export const accessTokenLife = Number(setting('access-token-life'));
