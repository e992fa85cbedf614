/** Sets of elements by seed, and what differs between two. */
import { Random } from "@ropewalk/simnet/random";

export interface TwoSets {
  readonly one: Uint32Array;
  readonly other: Uint32Array;
}

/** `common` elements in both, and others in one alone; no two are the same. */
export function twoSets(seed: number, common: number, inOne: number, inOther: number): TwoSets {
  const random = new Random(seed);
  const words = new Uint32Array(2 * (common + inOne + inOther));
  for (let at = 0; at < words.length; at += 2) {
    words[at] = random.below(2 ** 32);
    // The place is in it: none is there twice. The lowest bit is the element's own.
    words[at + 1] = (at << 8) | (random.below(128) << 1);
  }
  const split = 2 * (common + inOne);
  const other = new Uint32Array(2 * (common + inOther));
  other.set(words.subarray(0, 2 * common));
  other.set(words.subarray(split), 2 * common);
  return { one: words.slice(0, split), other };
}

/** In an order that does not depend on theirs. */
export function named(elements: Uint32Array): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at < elements.length; at += 2) names.push(`${elements[at]} ${elements[at + 1]}`);
  return names.toSorted();
}

/** Those of the first that the second has not. */
export function without(elements: Uint32Array, others: Uint32Array): readonly string[] {
  const known = new Set(named(others));
  return named(elements).filter((name) => !known.has(name));
}
