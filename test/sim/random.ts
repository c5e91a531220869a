/** Chance from a seed: the same seed gives the same rolls. */

export interface Random {
  /** A number in [0, 1). */
  readonly roll: () => number;
  readonly isHit: (chance: number) => boolean;
  readonly between: (from: number, to: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** How long until something happens that happens once in the mean time. */
  readonly wait: (mean: number) => number;
}

/** sfc32 (Chris Doty-Humphrey's small fast counter), seeded by a counter and warmed up. */
export function seededRandom(seed: number): Random {
  let a = seed >>> 0;
  let b = Math.floor(seed / 4_294_967_296) >>> 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const roll = (): number => {
    const next = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + next) | 0;
    return (next >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 15; round += 1) roll();
  return {
    roll,
    isHit: (chance) => chance > 0 && roll() < chance,
    between: (from, to) => from + roll() * (to - from),
    pick: (items) => {
      const item = items[Math.floor(roll() * items.length)];
      if (item === undefined) throw new RangeError('There is nothing to pick from.');
      return item;
    },
    wait: (mean) => -Math.log(1 - roll()) * mean,
  };
}
