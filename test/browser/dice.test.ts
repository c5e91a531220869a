import { expect, test } from 'vitest';
import { browserDice } from '../../src/browser/dice.ts';
import { openPage } from './frame.ts';

type DiceModule = typeof import('../../src/browser/dice.ts');

test('ids are 128 random bits in plain text, and never come twice', () => {
  const { id } = browserDice();
  const ids = Array.from({ length: 1_000 }, id);
  for (const one of ids) expect(one).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(1_000);
});

test('ids need no secure context', async () => {
  const { module } = await openPage<DiceModule>('../../src/browser/dice.ts', {
    before: "for (const name of ['randomUUID', 'subtle']) Object.defineProperty(crypto, name, { value: undefined })",
  });
  expect(module.browserDice().id()).toHaveLength(32);
});

test('a roll lies between 0 and 1', () => {
  const { roll } = browserDice();
  for (const rolled of Array.from({ length: 1_000 }, roll)) {
    expect(rolled).toBeGreaterThanOrEqual(0);
    expect(rolled).toBeLessThan(1);
  }
});
