/** Chance from a seed: the same seed chooses the same. */

/** A number from 0 up to, and without, `below`. */
export type Random = (below: number) => number;

/** xorshift32. */
export function createRandom(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One of `choices`, of which there must be one. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random(choices.length)] as T;
}
