import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readWire, type Wire } from '../../src/browser/wire.ts';

const bytes = (size: number): ArrayBuffer => new ArrayBuffer(size);

const HINT: Wire = { v: 1, kind: 'rotated', epoch: 'one', generation: 3 };
const QUESTION: Wire = { v: 1, kind: 'ask', id: 'a', epoch: 'one', generation: 3, key: bytes(65) };
const ANSWER: Wire = { v: 1, kind: 'answer', id: 'a', key: bytes(65), iv: bytes(12), data: bytes(40) };
const KNOWN = [HINT, QUESTION, ANSWER];

/** Breaks each field, one at a time. */
const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  v: [undefined, 0, 2, '1', [1]],
  kind: [undefined, 'login', ['rotated'], 'toString', 1],
  id: [undefined, 1, null, ['a']],
  epoch: [undefined, 1, null, ['one']],
  generation: [undefined, '3', 1.5, -1, Number.NaN, Infinity, 2 ** 53, 3n],
  key: [undefined, null, 'text', new Uint8Array(65), [1]],
  iv: [undefined, 'text', new Uint8Array(12), new DataView(bytes(12))],
  data: [undefined, 'text', new Uint8Array(40), { byteLength: 40 }],
};

describe.each(KNOWN.map((wire) => [wire.kind, wire] as const))('%s', (_, wire) => {
  test('is read as it is', () => {
    expect(readWire(structuredClone(wire))).toEqual(wire);
  });

  test('comes without anything that does not belong to it', () => {
    const read = readWire({ ...wire, refreshToken: 'refresh-token-7c1f', command: 'alert' });
    expect(Object.entries(read ?? {})).toEqual(Object.entries(wire));
  });

  test.each(Object.keys(wire))('is ignored when its %s is missing or wrong', (field) => {
    for (const value of WRONG[field] ?? [])
      expect(readWire({ ...wire, [field]: value }), String(value)).toBeUndefined();
    const rest = Object.entries(wire).filter(([other]) => other !== field);
    expect(readWire(Object.fromEntries(rest))).toBeUndefined();
  });

  test('is made of its own fields only, even on a polluted page', () => {
    for (const [field, value] of Object.entries(wire)) {
      Object.defineProperty(Object.prototype, field, { value, configurable: true });
      onTestFinished(() => void Reflect.deleteProperty(Object.prototype, field));
    }
    expect(readWire({})).toBeUndefined();
    expect(readWire({ v: 1, kind: wire.kind })).toBeUndefined();
    expect(readWire(Object.create(wire))).toBeUndefined();
  });
});

test.each([
  [undefined],
  [null],
  ['rotated'],
  [1],
  [[]],
  [[1, 'rotated', 'one', 3]],
  [{}],
  [new Map(Object.entries(HINT))],
  [JSON.parse('{"__proto__":{"v":1,"kind":"rotated","epoch":"one","generation":3}}')],
])('%s is ignored', (data: unknown) => {
  expect(readWire(data)).toBeUndefined();
});

test('nothing that is posted is ever read as more than one of the known messages', () => {
  const arbitraries = KNOWN.map((wire) => {
    const fields = Object.entries(wire).map(([field, value]: [string, unknown]) => [
      field,
      fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, fc.anything()),
    ]);
    return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  });
  fc.assert(
    fc.property(fc.oneof(fc.anything(), ...arbitraries), (data) => {
      const read = readWire(data);
      if (read === undefined) return;
      const known = KNOWN.find(({ kind }) => kind === read.kind) ?? HINT;
      expect(Object.keys(read)).toEqual(Object.keys(known));
      if (known === HINT) expect(['started', 'rotated', 'ended']).toContain(read.kind);
    }),
  );
});
