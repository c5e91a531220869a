/** The places: where the app, its API and its authorization server are. */

export const ORIGIN = 'https://app.example.com';
export const TOKEN_ENDPOINT = 'https://as.example.com/token';
export const REVOCATION_ENDPOINT = 'https://as.example.com/revoke';
/** For those whose tokens are cookies. */
export const LOGOUT = 'https://as.example.com/logout';
export const PROBE = 'https://as.example.com/probe';
/** Near misses: none of them may see a token. */
export const OUTSIDE = [
  'https://app.example.com.evil.example/api/orders/',
  'https://api.example.org/api/orders/',
  'https://app.example.com/apis/',
  '/public/api/',
] as const;
/** The call's id follows. */
export const RESOURCE = '/api/orders/';
