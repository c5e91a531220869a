/** Turns of the event loop: how doubles wait without a clock. */

// Taken when this file is loaded: a test may have replaced them by the time that they are used.
const { MessageChannel, setImmediate, setTimeout } = globalThis as {
  readonly MessageChannel?: typeof globalThis.MessageChannel;
  readonly setImmediate?: (task: () => void) => unknown;
  readonly setTimeout: (task: () => void, milliseconds: number) => unknown;
};

/** A question to another tab, its answer, and what each of the two makes of it. */
const TURNS = 5;

/** Goes on in the next turn, when all that was ready has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate !== undefined) setImmediate(resolve);
    // Nested timers of a page wait for 4 ms each, and for a second where the page is hidden.
    else if (MessageChannel !== undefined) post(MessageChannel, resolve);
    else setTimeout(resolve, 0);
  });
}

function post(Channel: typeof globalThis.MessageChannel, task: () => void): void {
  const { port1, port2 } = new Channel();
  port1.onmessage = () => {
    port1.close();
    task();
  };
  port2.postMessage(undefined);
}

/** So often a body that is being read is given 4 ms of real time: it may be one without an end. */
const RESTS = 50;

let reading = 0;
let read = 0;

/** Whether bodies are read on other threads, in so many turns as they like: everywhere but in Node. */
export const isPage = setImmediate === undefined;

/** Has `settle` wait for the reading of a body. */
export async function reads<Value>(reader: Promise<Value>): Promise<Value> {
  reading += 1;
  try {
    return await reader;
  } finally {
    reading -= 1;
    read += 1;
  }
}

/**
 * Lets everything run that waits for no clock: requests to doubles, their answers, messages between tabs. Fake timers do
 * not stop it, where they come after the import of this module.
 *
 * @example
 * const pending = session.fetch('/api/orders');
 * await settle();
 * expect(world.server.calls).toHaveLength(1);
 */
export async function settle(): Promise<void> {
  for (let rest = 0; rest < RESTS; rest += 1) {
    const before = read;
    for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
    if (reading === 0 && read === before) return;
    if (reading > 0) await new Promise<void>((resolve) => setTimeout(resolve, 4));
  }
}
