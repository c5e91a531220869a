/** The record at rest: one value of the database, and a tombstone beside it for the day when the database hangs. */
import type { Vault } from '../core/ports.ts';
import { readRecord } from '../core/record.ts';
import type { Shelf } from './database.ts';

/** Several sign-outs may come before the database works again. */
const TOMBSTONES = 4;

/** Makes the vault of that name over the shelf where its record lies. */
export function indexedDbVault({ name, shelf }: { readonly name: string; readonly shelf: Shelf }): Vault {
  const tombstone = `${name}:buried`;
  const buried = new Set<string>();
  const isBuried = (epoch: string): boolean => {
    try {
      return buried.has(epoch) || localStorage.getItem(tombstone)?.includes(epoch) === true;
    } catch {
      return false;
    }
  };
  return {
    read: async () => readRecord(await shelf.read()),
    update: async (change) => readRecord(await shelf.update((stored) => change(readRecord(stored)))),
    bury: (epoch) => {
      const isKnown = isBuried(epoch);
      buried.add(epoch);
      if (isKnown) return;
      try {
        const before = localStorage.getItem(tombstone)?.split(' ') ?? [];
        localStorage.setItem(tombstone, [epoch, ...before].slice(0, TOMBSTONES).join(' '));
      } catch {
        // Refused or full: this tab knows it anyway, and the others hear or read of it.
      }
    },
    isBuried,
  };
}
