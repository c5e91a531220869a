/** The hand-over: a tab that lacks tokens asks the others, and the answer travels sealed to this one question. */
import type { Clock, Dice, Tabs, Wanted } from '../core/ports.ts';
import { ASK_TIME } from '../core/timing.ts';
import type { Undo } from '../core/types.ts';
import type { Answer, Question } from './wire.ts';
import { report } from './report.ts';

export interface Handover extends Pick<Tabs, 'answer' | 'ask'> {
  /** Takes what another tab has posted. */
  readonly hear: (posted: Question | Answer) => void;
  /** Settles when the question that is being made has gone out. */
  readonly posting: () => Promise<void> | undefined;
  /** Asks no more: whoever waits gets nothing. */
  readonly giveUp: Undo;
}

interface World {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly post: (posted: Question | Answer) => void;
  /** Whether it is certain that nobody else can answer. Never rejects. */
  readonly isAlone: () => Promise<boolean>;
}

/** An own question that is open. */
interface Pending {
  readonly open: (answer: Answer) => Promise<string>;
  readonly settle: (text?: string) => void;
}

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };

/** Joins those who ask and those who answer. `post` reaches all other tabs, or none. */
export function createHandover({ clock, dice, isAlone, post }: World): Handover {
  const pending = new Map<string, Pending>();
  let posting: Promise<void> | undefined;
  const finders = new Set<(wanted: Wanted) => string | undefined>();

  const find = ({ epoch, generation }: Wanted): string | undefined => {
    for (const finder of finders) {
      try {
        const text = finder({ epoch, generation });
        if (text !== undefined) return text;
      } catch (error) {
        report(error);
      }
    }
    return undefined;
  };
  const reply = (question: Question): void => {
    const text = find(question);
    // Fails when the key is none: the question was no tab's of ours.
    if (text !== undefined) seal(question, text).then(post, () => {});
  };

  return {
    ask: async ({ epoch, generation }) => {
      const subtle: SubtleCrypto | undefined = crypto.subtle;
      // Missing on plain http: nothing could be sealed, so nothing is asked for.
      if (!subtle) return undefined;
      return new Promise((resolve) => {
        const id = dice.id();
        const wanted = { id, epoch, generation };
        const pair = makePair();
        const settle = (text?: string): void => {
          cancel();
          pending.delete(id);
          resolve(text);
        };
        // Not a timer of the page's: in hidden tabs those come up to a minute late.
        const cancel = clock.wake(clock.now() + ASK_TIME, settle);
        pending.set(id, { settle, open: async (answer) => open(await pair, wanted, answer) });
        const flight = pair
          .then(async ({ publicKey }) => {
            const key = await subtle.exportKey('raw', publicKey);
            if (pending.has(id)) post({ v: 1, kind: 'ask', ...wanted, key });
          })
          .catch(() => settle())
          .finally(() => {
            if (posting === flight) posting = undefined;
          });
        posting = flight;
        void isAlone().then((isCertain) => {
          if (isCertain) settle();
        });
      });
    },
    answer: (given) => {
      const finder = (wanted: Wanted): string | undefined => given(wanted);
      finders.add(finder);
      return () => void finders.delete(finder);
    },
    hear: (posted) => {
      if (posted.kind === 'ask') {
        reply(posted);
        return;
      }
      const question = pending.get(posted.id);
      // What cannot be opened is forged or garbled, and another tab may still answer.
      question?.open(posted).then(question.settle, () => {});
    },
    posting: () => posting,
    giveUp: () => {
      for (const { settle } of pending.values()) settle();
    },
  };
}

/** What an answer is bound to. */
type Context = Pick<Question, 'id' | 'epoch' | 'generation'>;

async function seal(question: Question, text: string): Promise<Answer> {
  const { id, key } = question;
  const pair = await makePair();
  const iv = crypto.getRandomValues(new Uint8Array(12)).buffer;
  const data = await crypto.subtle.encrypt(
    algorithm(question, iv),
    await agree(pair, key),
    new TextEncoder().encode(text),
  );
  return { v: 1, kind: 'answer', id, key: await crypto.subtle.exportKey('raw', pair.publicKey), iv, data };
}

async function open(pair: CryptoKeyPair, context: Context, { key, iv, data }: Answer): Promise<string> {
  const text = await crypto.subtle.decrypt(algorithm(context, iv), await agree(pair, key), data);
  return new TextDecoder().decode(text);
}

/** A pair for one use. Its private key cannot be read out. */
function makePair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ECDH, false, ['deriveKey']);
}

/** The key that both sides arrive at, each from its own pair and the other's public key. */
async function agree({ privateKey }: CryptoKeyPair, key: ArrayBuffer): Promise<CryptoKey> {
  const { subtle } = crypto;
  const theirs = await subtle.importKey('raw', key, ECDH, false, []);
  return subtle.deriveKey({ name: 'ECDH', public: theirs }, privateKey, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
}

function algorithm({ id, epoch, generation }: Context, iv: ArrayBuffer): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(JSON.stringify([id, epoch, generation])) };
}
