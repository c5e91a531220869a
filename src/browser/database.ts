/** The database: single values in IndexedDB, compared and set by idb-keyval over connections of our own. */
import { get, update, type UseStore } from 'idb-keyval';
import type { Clock } from '../core/ports.ts';
import { STORAGE_TIMEOUT } from '../core/timing.ts';
import type { Undo } from '../core/types.ts';

/** One value, of whatever kind it is found. Operations reject when storage fails or takes too long. */
export interface Shelf {
  readonly read: () => Promise<unknown>;
  /** Reads, changes and writes in ONE transaction; `undefined` leaves it as it is. Resolves with what is stored afterwards. */
  readonly update: (change: (stored: unknown) => unknown) => Promise<unknown>;
}

export interface Database {
  /** The value under that key. `what` names it in errors. */
  readonly shelf: (key: string, what: string) => Shelf;
  /** Closes the connection. */
  readonly dispose: Undo;
}

const STORE = 'session';
/** Thrown inside an updater so that nothing is put: idb-keyval writes whatever an updater returns. */
const UNCHANGED = new Error('Nothing to write.');

/** Makes the database of that name. Opens nothing before the first operation. */
export function indexedDatabase({
  name,
  clock,
}: {
  readonly name: string;
  readonly clock: Pick<Clock, 'now' | 'wake'>;
}): Database {
  let connection: Promise<IDBDatabase> | undefined;

  const open = (): Promise<IDBDatabase> => {
    if (connection) return connection;
    const opening = new Promise<IDBDatabase>((resolve, reject) => {
      // Without a version: a newer app may have raised it, and the store is still ours.
      const request = indexedDB.open(name);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        // The database can be deleted at any time, also by the user or Clear-Site-Data: never stand in the way.
        request.result.onversionchange = request.result.onclose = () => drop(opening);
        resolve(request.result);
      };
    });
    connection = opening;
    opening.catch(() => drop(opening));
    return opening;
  };

  /** Lets go of a connection. What has begun on it is finished, what comes opens another. */
  const drop = (used: Promise<IDBDatabase> | undefined): void => {
    if (connection === used) connection = undefined;
    used?.then(
      (database) => database.close(),
      () => {},
    );
  };

  const useStore: UseStore = async (mode, callback) => {
    const storeIn = (database: IDBDatabase): IDBObjectStore =>
      // Strict: a commit lost in a power cut would present a consumed token after the restart.
      database.transaction(STORE, mode, { durability: 'strict' }).objectStore(STORE);
    const used = open();
    const database = await used;
    let store: IDBObjectStore;
    try {
      store = storeIn(database);
    } catch (error) {
      // Browsers also close connections without telling; a fresh one is as good.
      if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
      drop(used);
      store = storeIn(await open());
    }
    return callback(store);
  };

  const inTime = <Value>(what: string, operate: (isAbandoned: () => boolean) => Promise<Value>): Promise<Value> =>
    new Promise((resolve, reject) => {
      let abandoned = false;
      const done = operate(() => abandoned);
      // Only the one this operation has opened or found: it may be replaced by then.
      const used = connection;
      const undo = clock.wake(clock.now() + STORAGE_TIMEOUT, () => {
        abandoned = true;
        drop(used);
        reject(new Error(`The storage did not ${what} within ${STORAGE_TIMEOUT / 1_000} s.`));
      });
      done
        // A transaction that the browser gives up can reject with nothing at all.
        .then(resolve, (error: unknown) => reject(error ?? new Error(`The storage failed to ${what}.`)))
        .finally(undo);
    });

  const shelf: Database['shelf'] = (key, what) => ({
    read: () => inTime(`read ${what}`, () => get<unknown>(key, useStore)),
    update: (change) =>
      inTime(`write ${what}`, async (isAbandoned) => {
        let after: unknown;
        try {
          await update<unknown>(
            key,
            (stored) => {
              const next = isAbandoned() ? undefined : change(stored);
              after = next ?? stored;
              if (next === undefined) throw UNCHANGED;
              return next;
            },
            useStore,
          );
        } catch (error) {
          if (error !== UNCHANGED) throw error;
        }
        return after;
      }),
  });

  return { shelf, dispose: () => drop(connection) };
}
