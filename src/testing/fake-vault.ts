/** The storage of one machine, in memory: it can break, and the user can empty it. */
import { memoryVault } from '../core/memory-vault.ts';
import type { Vault } from '../core/ports.ts';

/** What the tabs of one machine have stored. */
export interface FakeVault {
  /** Every read and write fails while it is set, as with a full disk or forbidden storage. Default `false`. */
  isBroken: boolean;
  /** The user clears the site's data. */
  readonly clear: () => void;
}

/** A vault that can be made to fail. */
export function fakeVault(): FakeVault & Vault {
  let inner = memoryVault();
  const vault: FakeVault & Vault = {
    isBroken: false,
    clear: () => {
      inner = memoryVault();
    },
    read: async () => {
      check();
      return inner.read();
    },
    update: async (change) => {
      check();
      return inner.update(change);
    },
    bury: (epoch) => inner.bury(epoch),
    isBuried: (epoch) => inner.isBuried(epoch),
  };
  return vault;

  function check(): void {
    if (vault.isBroken) throw new Error('The storage is broken.');
  }
}
