/** The key of the sign-in that is coming: made when the login asks for it, taken by the session that begins with it. */
import { isKey, makeKey } from './dpop-proof.ts';

export interface SignInKey {
  /** The one that waits to be taken, a new one, or the one that is given in its place. */
  readonly get: (given?: CryptoKeyPair) => Promise<CryptoKeyPair>;
  /** The last one, again for the same answer handed over twice. @throws TypeError when no login has asked for one. */
  readonly take: () => CryptoKeyPair;
  /** Lets go of what was taken. */
  readonly forget: () => void;
}

interface Coming {
  readonly making: Promise<CryptoKeyPair>;
  pair: CryptoKeyPair | undefined;
  isTaken: boolean;
}

export function createSignInKey(): SignInKey {
  let coming: Coming | undefined;

  return {
    get: async (given) => {
      if (given !== undefined && !isKey(given))
        throw new TypeError(
          'signInKey: the key must be a pair for ES256, its private key for signing and not extractable.',
        );
      if (given === undefined && coming !== undefined && !coming.isTaken) return coming.making;
      const next: Coming = { making: given ? Promise.resolve(given) : makeKey(), pair: given, isTaken: false };
      coming = next;
      next.pair = await next.making;
      return next.pair;
    },
    take: () => {
      if (coming?.pair === undefined)
        throw new TypeError(
          'The tokens are bound to no key of this page: send the login’s token request with signInFetch, or prove it with the key of signInKey.',
        );
      coming.isTaken = true;
      return coming.pair;
    },
    forget: () => {
      if (coming?.isTaken) coming = undefined;
    },
  };
}
