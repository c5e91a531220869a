/** What gives a token away: every one of them holds this word. */

/** Whether any part of a token stands somewhere in there. */
export function holdsSecret(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('secret');
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Error && (holdsSecret(value.message) || holdsSecret(value.cause))) return true;
  // Lists of all values would be made and thrown away by the million, and few members can hold anything.
  for (const name in value) if (holdsSecret(Reflect.get(value, name)) && Object.hasOwn(value, name)) return true;
  return false;
}
