/** Tokens that go from tab to tab, sealed on their way: where storage never has them, or refused them when they came. */
import { contextOf, dateOf, type Held } from './held.ts';
import type { Ports, Wanted } from './ports.ts';
import { readRecord, type SessionRecord } from './record.ts';
import { momentOf } from './timing.ts';
import { ownFields, readStoredTokens } from './tokens.ts';

/** Tokens, and the record that goes with them; how old they were when that was read. */
export type Handed = Pick<Held, 'record' | 'tokens'> & Partial<ReturnType<typeof dateOf>>;

/** What a tab answers to another that lacks tokens; nothing when it has none to give. */
export function answerTo({ epoch, generation }: Wanted, held: Held | undefined): string | undefined {
  if (held?.record.epoch !== epoch || held.record.generation < generation) return undefined;
  const { record, tokens } = held;
  return JSON.stringify({ record: { ...record, sealed: undefined }, tokens: JSON.stringify(tokens) });
}

/** Asks the other tabs. What they answer is checked like everything from outside. */
export async function askFor(
  wanted: Wanted & Pick<SessionRecord, 'key'>,
  { tabs }: Ports,
): Promise<Handed | undefined> {
  const answer = await tabs.ask(wanted);
  if (answer === undefined) return undefined;
  try {
    const field = ownFields(JSON.parse(answer));
    const record = readRecord(field('record'));
    if (record?.epoch !== wanted.epoch || record.ended !== undefined || record.generation < wanted.generation)
      return undefined;
    // A key cannot be put into words: it is the one that is stored.
    return { record: { ...record, key: wanted.key }, tokens: readStoredTokens(String(field('tokens'))) };
  } catch {
    return undefined; // Of another version: as good as no answer.
  }
}

/**
 * The tokens of a record: unsealed, or, where it has none, as another tab holds them. Nothing when no tab answers.
 *
 * @throws when what is stored cannot be opened, and no tab answers.
 */
export async function tokensOf(record: SessionRecord, ports: Ports): Promise<Handed | undefined> {
  if (record.sealed === undefined) return askFor(record, ports);
  // They age on while this tab is frozen over the seal.
  const date = dateOf(record, momentOf(ports.clock));
  try {
    return { record, ...date, tokens: readStoredTokens(await ports.seal.open(record.sealed, contextOf(record))) };
  } catch (error) {
    // A database that is deleted while a tab seals takes the key along, and the record is written all the same.
    const handed = await askFor(record, ports);
    if (handed === undefined) throw error;
    return handed;
  }
}
