/** Who owns a patch: one session of one copy of the library, as many times as it is asked for. */
import type { Session, Undo } from '../core/types.ts';

/** A patch that lies. */
export interface Laid {
  /** What lies under it. */
  readonly native?: unknown;
  readonly undo: Undo;
}

interface Owned extends Laid {
  readonly fetch: Session['fetch'];
  owners: number;
}

const patches = new Map<string, Owned>();

/**
 * Lays the patch for the first owner, and takes it up after the last. A mark on the global object, under
 * `Symbol.for('holdfast/' + name)`, tells other copies of the library, and holds what lies under it.
 *
 * @throws TypeError when it lies already, for another session or by another copy.
 */
export function layFor({ fetch }: Session, name: string, lay: () => Laid): Undo {
  const mark = Symbol.for(`holdfast/${name}`);
  const known = patches.get(name);
  if (known === undefined ? Object.hasOwn(globalThis, mark) : known.fetch !== fetch) {
    throw new TypeError(
      `${name} is patched already, ${known ? 'for another session' : 'by another copy of holdfast'}.`,
    );
  }
  const patch = known ?? { ...lay(), fetch, owners: 0 };
  if (known === undefined) {
    patches.set(name, patch);
    Object.defineProperty(globalThis, mark, { value: patch.native ?? true, configurable: true });
  }
  patch.owners += 1;
  let isOwner = true;
  return () => {
    if (!isOwner) return;
    isOwner = false;
    patch.owners -= 1;
    if (patch.owners > 0) return;
    patches.delete(name);
    Reflect.deleteProperty(globalThis, mark);
    patch.undo();
  };
}
