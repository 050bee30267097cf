/** Numbers that look random and are the same in every run (mulberry32). */
export function createRandom(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  /** A whole number from `from` up to, but not, `to`. */
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from));
  return {
    between,
    /** From 0 up to, but not, 1. */
    fraction: next,
    chance: (probability: number) => next() < probability,
    pick: <Item>(items: readonly Item[]): Item => items[between(0, items.length)] as Item,
  };
}

export type Random = ReturnType<typeof createRandom>;
