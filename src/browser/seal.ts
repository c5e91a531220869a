/** The seal by WebCrypto: AES-GCM under a key that no script can read out, made once per database. */
import type { Seal } from '../core/ports.ts';
import type { Shelf } from './database.ts';

const AES = 'AES-GCM';

/** What a seal looks like at rest. */
interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

/**
 * Makes the seal over the shelf where its key lies. The key is looked up at each use: the database can be
 * deleted at any time, and made anew by another tab.
 */
export function webCryptoSeal({ shelf }: { readonly shelf: Shelf }): Seal {
  let candidate: CryptoKey | undefined;

  const keep = async (cipher: SubtleCrypto): Promise<CryptoKey> => {
    const stored = await shelf.read();
    if (isKey(stored)) return stored;
    // Nothing can be awaited inside the transaction: the key is made before, and whichever is stored first wins.
    const made = (candidate ??= await cipher.generateKey({ name: AES, length: 256 }, false, ['encrypt', 'decrypt']));
    let key = made;
    try {
      await shelf.update((found) => {
        if (!isKey(found)) return made;
        key = found;
        return undefined;
      });
    } catch (cause) {
      // iOS Lockdown Mode and some private windows refuse to store keys, with a DataCloneError.
      throw new Error('The key of the seal cannot be stored.', { cause });
    }
    return key;
  };

  return {
    seal: async (text, context): Promise<Sealed> => {
      const cipher = subtle();
      const key = await keep(cipher);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      return { iv, data: await cipher.encrypt(algorithm(iv, context), key, new TextEncoder().encode(text)) };
    },
    open: async (sealed, context) => {
      const cipher = subtle();
      const key = await shelf.read();
      try {
        // Of outside data nothing is believed here: WebCrypto itself refuses whatever is of another kind.
        const { iv, data } = sealed as Sealed;
        return new TextDecoder().decode(await cipher.decrypt(algorithm(iv, context), key as CryptoKey, data));
      } catch (cause) {
        throw new Error('This was not sealed here, or with another key or context.', { cause });
      }
    },
  };
}

function subtle(): SubtleCrypto {
  const found: SubtleCrypto | undefined = crypto.subtle;
  if (!found) throw new Error('crypto.subtle is missing: the page is not a secure context.');
  return found;
}

function algorithm(iv: Uint8Array<ArrayBuffer>, context: string): AesGcmParams {
  return { name: AES, iv, additionalData: new TextEncoder().encode(context) };
}

function isKey(value: unknown): value is CryptoKey {
  return value instanceof CryptoKey && !value.extractable;
}
