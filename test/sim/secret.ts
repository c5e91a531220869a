/** What gives a token away: every one of them holds this word. */

/** Whether any part of a token stands somewhere in there. */
export function holdsSecret(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('secret');
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Error && (holdsSecret(value.message) || holdsSecret(value.cause))) return true;
  return Object.values(value).some(holdsSecret);
}
