/** A JWT that nobody signed: clients read tokens, and leave their signatures to the API. */

/** @param claims As an ID token or an access token has them, `iat` and `exp` in seconds; or their text, whatever it is. */
export function jwt(claims: unknown): string {
  return `${encode({ alg: 'none' })}.${encode(claims)}.c2lnbmF0dXJl`;
}

/** base64url without padding (RFC 7515 section 2). */
function encode(value: unknown): string {
  const bytes = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
