/**
 * Chance for simulations: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its
 * state filled by splitmix32 from a seed and a name. The same seed and names give the same numbers on every machine.
 */
import { InternalError } from "@ropewalk/kernel/errors";

export class Random {
  readonly #seed: number;
  readonly #name: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `seed` is a whole number from 0 to 2^32 - 1. */
  constructor(seed: number, name = "") {
    if (seed >>> 0 !== seed) throw new InternalError(`${seed} is no seed: it must be a whole number below 2^32`);
    this.#seed = seed;
    this.#name = name;
    const next = splitmix32(seed ^ hashOf(name));
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next();
  }

  /** Chance of its own for a consumer: what others draw, and how many others there are, does not change it. */
  fork(name: string): Random {
    return new Random(this.#seed, `${this.#name}/${name}`);
  }

  /** 0 ≤ x < 1, in steps of 2^-32. */
  unit(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled / 2 ** 32;
  }

  /** True with probability `share`; draws nothing when that is 0 or less. */
  isLucky(share: number): boolean {
    return share > 0 && this.unit() < share;
  }

  /** Uniform, `low` ≤ x < `high`. */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** Uniform and whole, 0 ≤ x < `below`. */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }

  /** Exponentially distributed. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
