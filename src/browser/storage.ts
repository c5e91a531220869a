/** Where the session rests: in IndexedDB if the browser can, its tokens sealed or, on demand, not at all; else in memory. */
import { contextOf } from '../core/held.ts';
import { memorySeal, memoryVault } from '../core/memory-vault.ts';
import type { Clock, Seal, Vault } from '../core/ports.ts';
import type { SessionRecord } from '../core/record.ts';
import type { Undo } from '../core/types.ts';
import { indexedDatabase } from './database.ts';
import { webCryptoSeal } from './seal.ts';
import { indexedDbVault } from './vault.ts';

export interface BrowserStorage {
  readonly vault: Vault;
  readonly seal: Seal;
  /** What was looked for and is not there. Empty until the first operation has found out. */
  readonly missing: () => readonly string[];
  readonly dispose: Undo;
}

type Place = Pick<BrowserStorage, 'seal'> & { readonly vault: Pick<Vault, 'read' | 'update'> };

/** Makes the storage. The first operation decides, once, for all that follow. */
export function browserStorage({
  name,
  clock,
  storage,
}: {
  readonly name: string;
  readonly clock: Pick<Clock, 'now' | 'wake'>;
  readonly storage: 'indexeddb' | 'memory';
}): BrowserStorage {
  const database = indexedDatabase({ name, clock });
  const vault = indexedDbVault({ name, shelf: database.shelf('record', 'the session') });
  // In the same database: the one is worth nothing without the other, and both are deleted together.
  const key = webCryptoSeal({ shelf: database.shelf('key', "the seal's key") });
  const seal = storage === 'memory' ? unwritten(key, vault) : key;
  let missing: readonly string[] = [];
  let decision: Promise<Place> | undefined;

  const probe = async (): Promise<unknown> => {
    // Without it nothing can be sealed, neither for the disk nor for another tab.
    if (!crypto.subtle) throw new Error('crypto.subtle is missing.');
    // Sealing nothing opens the database, and finds or makes the key.
    return storage === 'memory' ? vault.read() : seal.seal('', name);
  };
  const decide = async (): Promise<Place> => {
    try {
      // Twice: an open may fail once and then work, and a slow disk must not look like signed out.
      await probe().catch(probe);
      return { vault, seal };
    } catch {
      missing = [crypto.subtle ? 'indexedDB' : 'crypto.subtle'];
      return { vault: memoryVault(), seal: memorySeal() };
    }
  };
  const place = (): Promise<Place> => (decision ??= decide());

  return {
    vault: {
      read: async () => (await place()).vault.read(),
      update: async (change) => (await place()).vault.update(change),
      bury: vault.bury,
      isBuried: vault.isBuried,
    },
    seal: {
      seal: async (text, context) => (await place()).seal.seal(text, context),
      open: async (sealed, context) => (await place()).seal.open(sealed, context),
    },
    missing: () => missing,
    dispose: database.dispose,
  };
}

/**
 * The seal of a session that never rests on disk: nothing is sealed, and the tabs ask each other. What was sealed
 * before the app switched can be opened once more, and is wiped by that.
 */
function unwritten(key: Seal, vault: Vault): Seal {
  return {
    seal: async () => undefined,
    open: async (sealed, context) => {
      const text = await key.open(sealed, context);
      const wipe = (record: SessionRecord | undefined): SessionRecord | undefined =>
        record?.sealed === undefined || contextOf(record) !== context ? undefined : { ...record, sealed: undefined };
      // Refused by storage: the next rotation writes the record without them.
      await vault.update(wipe).catch(() => undefined);
      return text;
    },
  };
}
