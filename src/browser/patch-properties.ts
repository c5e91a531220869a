/** Properties of a platform object, replaced until that is undone. */
import type { Undo } from '../core/types.ts';

/**
 * Methods and getters written in an object literal take the place of those of the same name: such a method is no
 * constructor, as native ones are not. Whether they are writable, enumerable and configurable stays as it was.
 *
 * The undo puts each descriptor back exactly, save where somebody has replaced ours meanwhile: theirs stays, and may
 * go on calling ours.
 */
export function replaceProperties<Target extends object>(
  target: Target,
  replacements: object & ThisType<Target>,
): Undo {
  const undos = Object.entries(Object.getOwnPropertyDescriptors(replacements)).map(([key, given]) => {
    const before = Object.getOwnPropertyDescriptor(target, key);
    const { configurable = true, enumerable = true, writable = true } = before ?? {};
    const ours: PropertyDescriptor = { ...given, configurable, enumerable, ...('value' in given ? { writable } : {}) };
    Object.defineProperty(target, key, ours);
    return () => {
      const now = Object.getOwnPropertyDescriptor(target, key);
      if (now?.value !== ours.value || now?.get !== ours.get) return;
      if (before === undefined) Reflect.deleteProperty(target, key);
      else Reflect.defineProperty(target, key, before);
    };
  });
  return () => {
    for (const undo of undos) undo();
  };
}
