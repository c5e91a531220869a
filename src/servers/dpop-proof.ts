/** A proof of possession (RFC 9449 section 4.2): a JWT for one request, signed with a key that cannot leave the browser. */
import { base64url, SignJWT } from 'jose';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };

/** What a proof says. */
export interface ProofClaims {
  readonly method: string;
  readonly url: URL;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the server wants to read in it (section 8). Default: none. */
  readonly nonce?: string | undefined;
  /** The token that goes with it. Default: none, as at the token endpoint. */
  readonly accessToken?: string | undefined;
}

/** Signs a proof, a new one each time: no two have the same `jti`. */
export async function prove(key: CryptoKeyPair, claims: ProofClaims): Promise<string> {
  const { accessToken, method, nonce, now, url } = claims;
  const { crv, kty, x, y } = await publicPartOf(key.publicKey);
  return new SignJWT({
    htm: method,
    htu: url.origin + url.pathname,
    jti: crypto.randomUUID(),
    ...(nonce !== undefined && { nonce }),
    ...(accessToken !== undefined && { ath: await hashOf(accessToken) }),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } as JsonWebKey & { kty: string } })
    .setIssuedAt(Math.floor(now / 1_000))
    .sign(key.privateKey);
}

const publicParts = new WeakMap<CryptoKey, Promise<JsonWebKey>>();

/** Looked up once for each key: it goes into every proof. */
function publicPartOf(key: CryptoKey): Promise<JsonWebKey> {
  const found = publicParts.get(key) ?? subtle().exportKey('jwk', key);
  publicParts.set(key, found);
  return found;
}

/** A new key pair for ES256. Its private key cannot be read out. */
export function makeKey(): Promise<CryptoKeyPair> {
  return subtle().generateKey(CURVE, false, ['sign', 'verify']);
}

/** Whether it can sign proofs, and cannot be carried away. */
export function isKey(key: unknown): key is CryptoKeyPair {
  if (typeof key !== 'object' || key === null) return false;
  const { privateKey, publicKey } = key as { readonly [Half in keyof CryptoKeyPair]?: unknown };
  return (
    privateKey instanceof CryptoKey &&
    publicKey instanceof CryptoKey &&
    [privateKey, publicKey].every(({ algorithm }) => isOnCurve(algorithm)) &&
    privateKey.usages.includes('sign') &&
    !privateKey.extractable
  );
}

function isOnCurve(algorithm: KeyAlgorithm & { readonly namedCurve?: string }): boolean {
  return algorithm.name === CURVE.name && algorithm.namedCurve === CURVE.namedCurve;
}

/** @throws Error where proofs cannot be made at all. */
export function subtle(): SubtleCrypto {
  const found: SubtleCrypto | undefined = globalThis.crypto.subtle;
  if (!found) throw new Error('crypto.subtle is missing, so DPoP cannot be used: serve the page over https.');
  return found;
}

/** `ath` (section 4.2). */
async function hashOf(accessToken: string): Promise<string> {
  return base64url.encode(new Uint8Array(await subtle().digest('SHA-256', new TextEncoder().encode(accessToken))));
}
