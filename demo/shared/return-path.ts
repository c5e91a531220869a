/** Where to go after the login: what the login page's address says, if that is a path of the app. */

/** `asked`: from the address, so from anybody. An address of another site does not begin with exactly one slash. */
export function returnPath(asked: unknown): string {
  return typeof asked === 'string' && /^\/(?![/\\])/.test(asked) ? asked : '/';
}
