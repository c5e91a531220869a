/** What the tabs of a session say to each other, checked field by field: nothing else comes in or goes out. */
import type { Message, Wanted } from '../core/ports.ts';

/** Asks for tokens. */
export interface Question extends Wanted {
  readonly v: 1;
  readonly kind: 'ask';
  readonly id: string;
  /** The asking tab's public key, made for this question: a raw point on P-256. */
  readonly key: ArrayBuffer;
}

/** Answers a question, sealed to its key. */
export interface Answer {
  readonly v: 1;
  readonly kind: 'answer';
  /** The question's. */
  readonly id: string;
  /** The answering tab's public key, made for this answer: a raw point on P-256. */
  readonly key: ArrayBuffer;
  readonly iv: ArrayBuffer;
  readonly data: ArrayBuffer;
}

export type Wire = Message | Question | Answer;

const HINTS: readonly Message['kind'][] = ['started', 'rotated', 'ended'];

/** What this data says, if it is one of ours. */
export function readWire(given: unknown): Wire | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  // Without a prototype: only own fields count.
  const own = Object.assign(Object.create(null) as { readonly [field: string]: unknown }, given);
  const { v, kind, id, key, iv, data, epoch, generation } = own;
  if (v !== 1) return undefined;
  if (kind === 'answer') {
    return typeof id === 'string' && isBytes(key) && isBytes(iv) && isBytes(data)
      ? { v, kind, id, key, iv, data }
      : undefined;
  }
  if (typeof epoch !== 'string' || typeof generation !== 'number') return undefined;
  if (!Number.isSafeInteger(generation) || generation < 0) return undefined;
  if (kind === 'ask') {
    return typeof id === 'string' && isBytes(key) ? { v, kind, id, epoch, generation, key } : undefined;
  }
  const hint = HINTS.find((known) => known === kind);
  return hint && { v, kind: hint, epoch, generation };
}

function isBytes(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer;
}
