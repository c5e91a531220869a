/** Properties of a platform object, replaced until that is undone. */
import type { Undo } from '../core/types.ts';

/**
 * Methods and accessors written in an object literal take the place of those of the same name: such a method is no
 * constructor, as native ones are not. Whether they are writable, enumerable and configurable stays as it was, and so
 * does a getter or setter that is not given.
 *
 * The undo puts each descriptor back exactly, save where somebody has replaced ours meanwhile: theirs stays, and may
 * go on calling ours.
 *
 * @throws TypeError when one of them cannot be replaced: then none is.
 */
export function replaceProperties<Target extends object>(
  target: Target,
  replacements: object & ThisType<Target>,
): Undo {
  const replacing = Object.entries(Object.getOwnPropertyDescriptors(replacements));
  return layAll(
    replacing.map(
      ([key, given]) =>
        () =>
          replaceProperty(target, key, given),
    ),
  );
}

/** All of them, or none. */
export function layAll(lays: readonly (() => Undo)[]): Undo {
  const undos: Undo[] = [];
  const undo = () => {
    for (const each of undos) each();
  };
  try {
    for (const lay of lays) undos.push(lay());
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}

function replaceProperty(target: object, key: string, given: PropertyDescriptor): Undo {
  const before = Object.getOwnPropertyDescriptor(target, key);
  const { configurable = true, enumerable = true, writable = true } = before ?? {};
  // What is absent stays as it is.
  for (const part of ['get', 'set']) if (Reflect.get(given, part) === undefined) Reflect.deleteProperty(given, part);
  Object.defineProperty(target, key, { ...given, configurable, enumerable, ...('value' in given ? { writable } : {}) });
  const ours = Object.getOwnPropertyDescriptor(target, key);
  return () => {
    const now = Object.getOwnPropertyDescriptor(target, key);
    if (now?.value !== ours?.value || now?.get !== ours?.get || now?.set !== ours?.set) return;
    if (before === undefined) Reflect.deleteProperty(target, key);
    else Reflect.defineProperty(target, key, before);
  };
}
