/** Random choices that follow from a seed: the same seed makes the same choices, as far as they are asked for in one order. */
export interface Random {
  /** From 0 up to but not including `below`. */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** Another source, that does not depend on how much is asked of this one from here on. */
  fork(): Random;
}

/** @param seed an unsigned integer of 32 bits */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  /** Mulberry32. */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const int = (below: number) => Math.floor((next() / 2 ** 32) * below);
  return {
    int,
    chance: (probability) => next() / 2 ** 32 < probability,
    pick: (items) => items[int(items.length)] as (typeof items)[number],
    fork: () => seeded(next()),
  };
}
