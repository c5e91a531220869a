/** The record at rest: one value of the database, and a tombstone beside it for the day when the database hangs. */
import type { Vault } from '../core/ports.ts';
import { SCHEMA, type SessionRecord } from '../core/record.ts';
import type { Shelf } from './database.ts';

/** Several sign-outs may come before the database works again. */
const TOMBSTONES = 4;

/** Makes the vault of that name over the shelf where its record lies. */
export function indexedDbVault({ name, shelf }: { readonly name: string; readonly shelf: Shelf }): Vault {
  const tombstone = `${name}:buried`;
  const buried = new Set<string>();
  return {
    read: async () => toRecord(await shelf.read()),
    update: async (change) => toRecord(await shelf.update((stored) => change(toRecord(stored)))),
    bury: (epoch) => {
      buried.add(epoch);
      try {
        const before = localStorage.getItem(tombstone)?.split(' ') ?? [];
        localStorage.setItem(tombstone, [epoch, ...before].slice(0, TOMBSTONES).join(' '));
      } catch {
        // Refused or full: this tab knows it anyway, and the others hear or read of it.
      }
    },
    isBuried: (epoch) => {
      try {
        return buried.has(epoch) || localStorage.getItem(tombstone)?.includes(epoch) === true;
      } catch {
        return false;
      }
    },
  };
}

/** What was stored, if it can be a record. Anything else, however it came there, is no session. */
function toRecord(stored: unknown): SessionRecord | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { schema, epoch, generation } = stored as { readonly [Field in keyof SessionRecord]?: unknown };
  if (typeof schema === 'number' && schema > SCHEMA) {
    throw new Error('The session was stored by a newer version of holdfast. It is left as it is.');
  }
  const isRecord =
    schema === SCHEMA &&
    typeof epoch === 'string' &&
    epoch !== '' &&
    typeof generation === 'number' &&
    Number.isSafeInteger(generation) &&
    generation >= 0;
  return isRecord ? (stored as SessionRecord) : undefined;
}
