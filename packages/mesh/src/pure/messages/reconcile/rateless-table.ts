/**
 * A set as a row of coded symbols without an end, of which as many are sent as are needed: about 1.4 for each element in which two sets
 * differ, however large they are. Source: Yang, Gilad and Alizadeh, "Practical Rateless Set Reconciliation", SIGCOMM 2024, §4.
 *
 * Whoever decodes takes his own set's symbols from the other's. What is left is the difference; a symbol of one element alone shows that
 * element, which is then taken from all others that it came to. The first symbol has every element: when it is empty, all is found.
 *
 * A check of 32 bits takes a sum of several elements for a single one once in 2³² such sums. A difference of 1,000 makes some 5,000 sums:
 * one meeting in a million fails, which the next one repairs with other hashes, since both ends drew their key. Of 24 bits one in 3,000 would.
 */
import type { SipKey } from "../../protection/sip-hash.ts";
import { ElementWalks, type Sign } from "./element-walks.ts";
import { SymbolRow } from "./symbol-row.ts";

/** As it is told to the other end. Words are whole numbers of 32 bits, without sign. */
export interface CodedSymbol {
  readonly high: number;
  readonly low: number;
  readonly check: number;
  /** How many elements it has, less the number that is expected of a set of this size. */
  readonly deviation: number;
}

/** The whole part of what symbol `symbol` has on the average of `size` elements. */
export function expectedCount(size: number, symbol: number): number {
  return Math.floor((2 * size) / (symbol + 2));
}

export class RatelessEncoder {
  readonly #walks: ElementWalks;
  readonly #row = new SymbolRow();
  readonly #told: number;

  /** `told`: the size of the set as the other end knows it, by which numbers of elements are told. */
  constructor(key: SipKey, elements: Uint32Array, told: number) {
    this.#told = told;
    this.#walks = walksOf(key, elements, 1);
  }

  /** Symbols from one up to another, and without that. */
  symbols(from: number, to: number): readonly CodedSymbol[] {
    const row = this.#row;
    if (to > row.length) {
      row.grow(to);
      this.#walks.walk(row);
    }
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => {
      const at = from + index;
      const deviation = row.count(at) - expectedCount(this.#told, at);
      return { high: row.high(at), low: row.low(at), check: row.check(at), deviation };
    });
  }
}

/** Errors of an estimate that are not often exceeded. */
const likely = 1.5;

/** `faulty`: whoever sent the symbols has not made them of any set. */
export type Decoding = "incomplete" | "complete" | "faulty";

export class RatelessDecoder {
  /** Taken from all that comes. */
  readonly #own: ElementWalks;
  /** 1: the other end alone has it; −1: this end. Kept with the sign turned, for it is taken away. */
  readonly #found: ElementWalks;
  readonly #row = new SymbolRow();
  readonly #told: number;
  #decoding: Decoding = "incomplete";
  /** Of the first symbol, before anything was found. */
  #surplus = 0;
  #spread = 0;

  /** `told`: the size of the other set, as its end tells numbers of elements by. */
  constructor(key: SipKey, elements: Uint32Array, told: number) {
    this.#told = told;
    this.#own = walksOf(key, elements, -1);
    this.#found = new ElementWalks(key);
  }

  /** Symbols that came. */
  get length(): number {
    return this.#row.length;
  }

  get decoding(): Decoding {
    return this.#decoding;
  }

  /** Elements that the other end alone has, as far as they are found. */
  get theirs(): Uint32Array {
    return this.#found.elements(-1);
  }

  /** Elements that this end alone has, as far as they are found. */
  get ours(): Uint32Array {
    return this.#found.elements(1);
  }

  /**
   * How many elements differ, about: with n symbols within a share of √(2/n) mostly. It is told by how far the numbers of elements
   * stray, which they do long before any element is found: each that differs comes to a symbol, or does not, by itself.
   */
  get estimate(): number {
    return this.#estimated(0);
  }

  /** That many differ in all likelihood, or more. */
  get leastEstimate(): number {
    return this.#estimated(likely);
  }

  /** The symbols behind those that came. */
  take(symbols: readonly CodedSymbol[]): Decoding {
    if (this.#decoding !== "incomplete") return this.#decoding;
    const [row, from] = [this.#row, this.#row.length];
    row.grow(from + symbols.length);
    for (const [index, { high, low, check, deviation }] of symbols.entries()) {
      const count = expectedCount(this.#told, from + index) + deviation;
      if (count < 0) return this.#end("faulty");
      row.mix(from + index, high, low, check, count);
    }
    this.#own.walk(row);
    this.#measure(from);
    this.#found.walk(row);
    return this.#peel(from);
  }

  /** By so many of its usual errors less. */
  #estimated(errors: number): number {
    const numbers = this.length - 1;
    const spread = numbers < 1 ? 0 : (this.#spread / numbers) * Math.max(0, 1 - errors * Math.sqrt(2 / numbers));
    return Math.max(Math.abs(this.#surplus), Math.round(spread));
  }

  #end(decoding: Decoding): Decoding {
    this.#decoding = decoding;
    return decoding;
  }

  #measure(from: number): void {
    if (from === 0) this.#surplus = this.#row.count(0);
    for (let symbol = Math.max(1, from); symbol < this.#row.length; symbol += 1) {
      const share = 2 / (symbol + 2);
      this.#spread += (this.#row.count(symbol) - this.#surplus * share) ** 2 / (share * (1 - share));
    }
  }

  #peel(from: number): Decoding {
    const row = this.#row;
    const work = Array.from({ length: row.length - from }, (_, index) => row.length - 1 - index);
    for (let at = work.pop(); at !== undefined; at = work.pop()) {
      const count = row.count(at);
      if (count !== 1 && count !== -1) continue;
      const [high, low] = [row.high(at), row.low(at)];
      if (this.#found.checkOf(high, low) !== row.check(at)) continue;
      // Each symbol shows one element at most. Symbols of no set can make two that put each other back forever.
      if (this.#found.count === row.length) return this.#end("faulty");
      this.#found.add(high, low, count === 1 ? -1 : 1);
      this.#found.walkOne(row, this.#found.count - 1, (touched) => work.push(touched));
    }
    return row.isEmpty(0) && row.length > 0 ? this.#end("complete") : "incomplete";
  }
}

function walksOf(key: SipKey, elements: Uint32Array, sign: Sign): ElementWalks {
  const walks = new ElementWalks(key, elements.length / 2);
  for (let at = 0; at + 1 < elements.length; at += 2)
    walks.add(elements[at] as number, elements[at + 1] as number, sign);
  return walks;
}
