import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { indexedDatabase, type Database } from '../../src/browser/database.ts';
import { openPages } from './frame.ts';
import { stoppedClock, type StoppedClock } from './stopped-clock.ts';

type DatabaseModule = typeof import('../../src/browser/database.ts');
const MODULE = '../../src/browser/database.ts';

let name: string;
let clock: StoppedClock;

const settled = <Value>(request: IDBRequest<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const count = (stored: unknown): number => (typeof stored === 'number' ? stored : 0) + 1;

function setUp(make = indexedDatabase): Database {
  const database = make({ name, clock });
  onTestFinished(database.dispose);
  return database;
}

/** Somebody who holds a connection and does not let go when asked to. */
async function stubborn(): Promise<IDBDatabase> {
  const connection = await settled(indexedDB.open(name));
  onTestFinished(() => connection.close());
  return connection;
}

/** A transaction that goes on, as that of a frozen tab, until it is released. */
function occupy(connection: IDBDatabase): () => void {
  const store = connection.transaction('session', 'readwrite').objectStore('session');
  let released = false;
  const again = (): void => {
    if (!released) store.get('nothing').onsuccess = again;
  };
  again();
  return () => {
    released = true;
  };
}

/** The connection in use, caught as it begins a transaction. */
async function connectionOf(database: Database): Promise<IDBDatabase> {
  const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
  await database.shelf('other', 'it').read();
  const connection = begin.mock.contexts[0];
  begin.mockRestore();
  if (!(connection instanceof IDBDatabase)) throw new Error('There is no connection.');
  return connection;
}

beforeEach(() => {
  name = `database ${crypto.randomUUID()}`;
  clock = stoppedClock();
});
afterEach(() => {
  vi.restoreAllMocks();
  indexedDB.deleteDatabase(name);
});

describe('compare and set', () => {
  test('is exact: 4 pages with 50 increments each count to 200', async () => {
    const pages = await openPages<DatabaseModule>(4, MODULE);
    await Promise.all(
      pages.map(async ({ module }) => {
        const shelf = setUp(module.indexedDatabase).shelf('count', 'the count');
        for (let turn = 0; turn < 50; turn += 1) await shelf.update(count);
      }),
    );
    expect(await setUp().shelf('count', 'the count').read()).toBe(200);
  });

  test('is exact when one page asks for many at a time', async () => {
    const shelf = setUp().shelf('count', 'the count');
    const results = await Promise.all(Array.from({ length: 50 }, () => shelf.update(count)));
    expect(results).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  test('resolves with what is stored afterwards', async () => {
    const shelf = setUp().shelf('value', 'the value');
    expect(await shelf.read()).toBeUndefined();
    expect(await shelf.update(() => 'first')).toBe('first');
    expect(await shelf.update((stored) => `${String(stored)}, second`)).toBe('first, second');
    expect(await shelf.read()).toBe('first, second');
  });

  test('that changes nothing writes nothing', async () => {
    const shelf = setUp().shelf('value', 'the value');
    await shelf.update(() => 'first');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    expect(await shelf.update(() => undefined)).toBe('first');
    expect(put).not.toHaveBeenCalled();
  });

  test('whose change throws writes nothing and rejects with that error', async () => {
    const shelf = setUp().shelf('value', 'the value');
    await shelf.update(() => 'first');
    const failure = new Error('from the change');
    const attempt = shelf.update(() => {
      throw failure;
    });
    await expect(attempt).rejects.toBe(failure);
    expect(await shelf.read()).toBe('first');
  });

  test('of something that cannot be stored writes nothing and rejects', async () => {
    const shelf = setUp().shelf('value', 'the value');
    await shelf.update(() => 'first');
    await expect(shelf.update(() => () => {})).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await shelf.read()).toBe('first');
  });

  test('asks for strict durability', async () => {
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await setUp()
      .shelf('value', 'the value')
      .update(() => 'first');
    expect(begin).toHaveBeenCalledExactlyOnceWith('session', 'readwrite', { durability: 'strict' });
    expect(begin.mock.results[0]?.value).toMatchObject({ durability: 'strict' });
  });

  test('rejects when the transaction is given up', async () => {
    const shelf = setUp().shelf('value', 'the value');
    const attempt = shelf.update(() => 'first');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
      this.transaction.abort();
      return {} as never;
    });
    await expect(attempt).rejects.toMatchObject({ message: 'The storage failed to write the value.' });
    put.mockRestore();
    expect(await shelf.read()).toBeUndefined();
  });
});

describe('the connection', () => {
  test('is not opened before it is needed, and then once', async () => {
    const open = vi.spyOn(indexedDB, 'open');
    const database = setUp();
    const shelf = database.shelf('value', 'the value');
    expect(open).not.toHaveBeenCalled();
    await Promise.all([shelf.read(), shelf.read(), shelf.update(() => 1)]);
    expect(open).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['throws', () => vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => indexedDB.open('', -1))],
    [
      'fails',
      () =>
        vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
          const request = {} as IDBOpenDBRequest;
          queueMicrotask(() => request.onerror?.(new Event('error')));
          return Object.assign(request, { error: new DOMException('Internal error', 'UnknownError') });
        }),
    ],
  ])('that %s once is tried again by the next operation', async (_, fail) => {
    fail();
    const shelf = setUp().shelf('value', 'the value');
    await expect(shelf.read()).rejects.toBeInstanceOf(Error);
    expect(await shelf.update(() => 1)).toBe(1);
  });

  test('does not stand in the way when the database is deleted, and starts anew afterwards', async () => {
    const shelf = setUp().shelf('value', 'the value');
    await shelf.update(() => 'first');
    const request = indexedDB.deleteDatabase(name);
    const blocked = vi.fn();
    request.onblocked = blocked;
    await settled(request);
    expect(blocked).not.toHaveBeenCalled();
    expect(await shelf.read()).toBeUndefined();
    expect(await shelf.update(() => 'second')).toBe('second');
  });

  test('finishes what has begun before it makes way', async () => {
    const shelf = setUp().shelf('count', 'the count');
    const updates = Promise.all(Array.from({ length: 20 }, () => shelf.update(count)));
    const deleted = settled(indexedDB.deleteDatabase(name));
    expect(await updates).toHaveLength(20);
    await deleted;
  });

  test('that the browser closes is replaced', async () => {
    const database = setUp();
    const shelf = database.shelf('value', 'the value');
    await shelf.update(() => 'first');
    const connection = await connectionOf(database);
    connection.dispatchEvent(new Event('close'));
    connection.close();
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    expect(await shelf.read()).toBe('first');
    expect(begin.mock.contexts).not.toContain(connection);
  });

  test('that the browser closes without telling is replaced', async () => {
    const database = setUp();
    const shelf = database.shelf('count', 'the count');
    await shelf.update(count);
    (await connectionOf(database)).close();
    const open = vi.spyOn(indexedDB, 'open');
    expect(await Promise.all([shelf.update(count), shelf.read()])).toEqual([2, 2]);
    expect(await shelf.read()).toBe(2);
    expect(open).toHaveBeenCalledTimes(1);
  });

  test('that cannot be replaced rejects instead of trying for ever', async () => {
    const refused = new DOMException('The connection is closing.', 'InvalidStateError');
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw refused;
    });
    await expect(setUp().shelf('value', 'the value').read()).rejects.toBe(refused);
    expect(begin).toHaveBeenCalledTimes(2);
  });

  test('works with a database whose version a newer app has raised', async () => {
    await setUp()
      .shelf('value', 'the value')
      .update(() => 'first');
    (await settled(indexedDB.open(name, 7))).close();
    expect(await setUp().shelf('value', 'the value').read()).toBe('first');
  });
});

describe('an operation that takes too long', () => {
  test('rejects after 5 seconds and says what it was', async () => {
    const shelf = setUp().shelf('value', 'the value');
    await shelf.update(() => 'first');
    const release = occupy(await stubborn());
    const outcomes = Promise.allSettled([shelf.read(), shelf.update(() => 'second')]);
    clock.advance(4_999);
    clock.advance(1);
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: new Error('The storage did not read the value within 5 s.') },
      { status: 'rejected', reason: new Error('The storage did not write the value within 5 s.') },
    ]);
    release();
  });

  test('writes nothing when it runs at last', async () => {
    const shelf = setUp().shelf('value', 'the value');
    await shelf.update(() => 'first');
    const release = occupy(await stubborn());
    const change = vi.fn(() => 'late');
    const late = shelf.update(change);
    // By now the change waits in the queue of transactions.
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.advance(5_000);
    await expect(late).rejects.toThrow('within 5 s');
    const next = shelf.read();
    release();
    expect(await next).toBe('first');
    expect(await shelf.update((stored) => stored)).toBe('first');
    expect(change).not.toHaveBeenCalled();
  });

  test('is over when the database could not be opened because another tab blocks its deletion', async () => {
    const shelf = setUp().shelf('value', 'the value');
    await shelf.update(() => 'first');
    const holder = await stubborn();
    const deleted = settled(indexedDB.deleteDatabase(name));
    await vi.waitFor(async () => {
      const attempt = shelf.read();
      await Promise.resolve();
      clock.advance(5_000);
      await expect(attempt).rejects.toThrow('The storage did not read the value within 5 s.');
    });
    holder.close();
    await deleted;
    expect(await shelf.update(() => 'second')).toBe('second');
  });

  test('is over when the opening never ends, and the next one opens anew', async () => {
    vi.spyOn(indexedDB, 'open').mockReturnValueOnce({} as IDBOpenDBRequest);
    const shelf = setUp().shelf('value', 'the value');
    const attempts = Promise.allSettled([shelf.read(), shelf.update(() => 'first')]);
    clock.advance(5_000);
    expect((await attempts).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await shelf.update(() => 'second')).toBe('second');
  });

  test('does not take the connection of those that came after it', async () => {
    const open = vi.spyOn(indexedDB, 'open').mockReturnValueOnce({} as IDBOpenDBRequest);
    const shelf = setUp().shelf('value', 'the value');
    const first = shelf.read();
    clock.advance(1_000);
    const second = shelf.read();
    clock.advance(4_000);
    await expect(first).rejects.toThrow('within 5 s');
    expect(await shelf.read()).toBeUndefined();
    clock.advance(1_000);
    await expect(second).rejects.toThrow('within 5 s');
    expect(await shelf.read()).toBeUndefined();
    expect(open).toHaveBeenCalledTimes(2);
  });

  test('leaves no alarm behind when it was in time', async () => {
    const undo = vi.fn();
    const wake = vi.fn(() => undo);
    const shelf = indexedDatabase({ name, clock: { ...clock, wake } }).shelf('value', 'the value');
    await shelf.update(() => 'first');
    await expect(shelf.update(() => () => {})).rejects.toThrow();
    expect(wake).toHaveBeenCalledTimes(2);
    await vi.waitFor(() => expect(undo).toHaveBeenCalledTimes(2), { interval: 1 });
  });
});
