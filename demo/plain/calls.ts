/** The requests that the buttons make. Each is a plain fetch as far as this file knows. */
import { chronicle } from './chronicle.ts';
import { record } from './journal.ts';
import { part, write } from '../shared/page.ts';
import { session } from './session.ts';
import { api } from '../shared/settings.ts';

type Outcome = { readonly status: number } | { readonly error: string };

async function callOnce(): Promise<Outcome> {
  const call: (typeof chronicle.calls)[number] = { from: Date.now() };
  chronicle.calls.push(call);
  try {
    const response = await session.fetch(`${api}/api/orders`);
    await response.arrayBuffer();
    call.failed = !response.ok;
    return { status: response.status };
  } catch (error) {
    call.failed = true;
    return { error: error instanceof Error ? error.name : 'Error' };
  } finally {
    call.to = Date.now();
  }
}

function milliseconds(since: number): string {
  const elapsed = Date.now() - since;
  return elapsed < 1000 ? `${elapsed} ms` : `${(elapsed / 1000).toFixed(1)} s`;
}

/** Makes so many calls at once, and keeps one line of the journal about them. `name` is the button's. */
export async function call(name: string, count: number): Promise<void> {
  const text = count === 1 ? 'GET /api/orders' : `${count} × GET /api/orders`;
  const from = Date.now();
  const entry = record({ kind: 'request', status: 'waiting', tone: 'waiting', text, result: 'waiting' });
  const output = part(`${name}-result`);
  write(output, 'Waiting.');
  const endings = new Map<string, number>();
  let settled = 0;

  const one = async (): Promise<void> => {
    const outcome = await callOnce();
    const ending = 'status' in outcome ? String(outcome.status) : outcome.error;
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
    settled += 1;
    if (settled < count) entry.amend({ result: `${settled} of ${count}` });
  };
  await Promise.all(Array.from({ length: count }, one));

  const statuses = [...endings.keys()];
  const isGood = statuses.every((status) => status.startsWith('2'));
  const summary =
    count === 1 ? statuses.join() : [...endings].map(([status, times]) => `${times} × ${status}`).join(', ');
  const result = `${summary} · ${milliseconds(from)}`;
  entry.amend({ status: statuses.length === 1 ? statuses.join() : 'mixed', tone: isGood ? 'good' : 'bad', result });
  write(output, result);
}
