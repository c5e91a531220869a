/** A vault and a seal that keep everything in memory: for `storage: 'memory'`, where storage is missing, and for tests. */
import type { Seal, Vault } from './ports.ts';
import type { SessionRecord } from './record.ts';

/** The record lives as long as this object. Records come out as they went in, frozen. */
export function memoryVault(): Vault {
  const buried = new Set<string>();
  let record: SessionRecord | undefined;
  return {
    read: async () => record,
    update: async (change) => {
      // As with a database, the change never runs before this call returns; from there on nobody comes in between.
      await undefined;
      const next = change(record);
      if (next !== undefined) record = freeze(next);
      return record;
    },
    bury: (epoch) => void buried.add(epoch),
    isBuried: (epoch) => buried.has(epoch),
  };
}

/** Seals are empty objects, and only this seal knows what they stand for: copied, stored or posted they say nothing. */
export function memorySeal(): Seal {
  const sealed = new WeakMap<object, { readonly text: string; readonly context: string }>();
  return {
    seal: async (text, context) => {
      const handle = Object.freeze({});
      sealed.set(handle, { text, context });
      return handle;
    },
    open: async (handle, context) => {
      const found = typeof handle === 'object' && handle !== null ? sealed.get(handle) : undefined;
      if (found?.context !== context) throw new Error('This was not sealed here, or with another context.');
      return found.text;
    },
  };
}

function freeze<Value>(value: Value): Value {
  // Views of buffers with contents cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
