/** What the servers counted, as they tell it. */
import { part, write } from '../shared/page.ts';

interface Counts {
  readonly tokenRequests: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly reuses: number;
  readonly revocations: { readonly revoked: number };
  readonly apiCalls: Readonly<Record<string, number>>;
}

function sum(counts: Readonly<Record<string, number>>, isCounted: (key: string) => boolean): number {
  return Object.entries(counts).reduce((total, [key, count]) => (isCounted(key) ? total + count : total), 0);
}

function show({ tokenRequests, reuses, revocations, apiCalls }: Counts): void {
  const rotations = tokenRequests['refresh_token'] ?? {};
  const texts = {
    rotated: rotations['ok'] ?? 0,
    rejected: sum(rotations, (result) => result !== 'ok'),
    down: sum(tokenRequests['unread'] ?? {}, () => true),
    reused: reuses,
    answered: sum(apiCalls, (status) => status.startsWith('2')),
    refused: apiCalls['401'] ?? 0,
    revoked: revocations.revoked,
  };
  for (const [name, count] of Object.entries(texts)) {
    const element = part(`count-${name}`);
    write(element, String(count));
    element.dataset['zero'] = String(count === 0);
  }
}

/** Follows the counts. Returns its undo. */
export function followCounts(): () => void {
  const source = new EventSource('/control/counts');
  // The data is from this page's own server.
  source.addEventListener('message', ({ data }) => show(JSON.parse(data) as Counts));
  return () => source.close();
}
