/** The browser's chance. */
import type { Dice } from '../core/ports.ts';

/** Rolls by `Math.random`, ids from the platform's cryptographic source. */
export function browserDice(): Dice {
  return {
    roll: Math.random,
    // Not randomUUID: it exists in secure contexts only, and plain-http hosts must work too.
    id: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
}
