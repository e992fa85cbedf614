/**
 * Elements on their walk through the coded symbols: each begins at the first, and goes on by gaps that its own hash draws and that grow as
 * it goes, so that symbol i has any element with probability 1 / (1 + i/2). Source: Yang, Gilad and Alizadeh, "Practical Rateless Set
 * Reconciliation", SIGCOMM 2024, §4.2; gaps are drawn with xoroshiro64* (Blackman and Vigna, 2018), from all 64 bits of the hash.
 *
 * Nothing is allocated for an element but its eight words: high, low, check, two of the generator, where it is next, and its sign.
 */
import { type SipKey, sipHashEight } from "../../protection/sip-hash.ts";
import type { SymbolRow } from "./symbol-row.ts";

const [highAt, lowAt, checkAt, firstAt, secondAt, nextAt, signAt] = [0, 1, 2, 3, 4, 5, 6];
const stride = 8;
const leastRoom = 16;
/** Beyond every symbol that is ever made. */
const nowhere = 0xffff_ffff;

export type Sign = 1 | -1;

export class ElementWalks {
  readonly #key: SipKey;
  readonly #hash = new Uint32Array(2);
  #words: Uint32Array;
  #count = 0;

  /** `room`: how many are expected. */
  constructor(key: SipKey, room: number = leastRoom) {
    this.#key = key;
    this.#words = new Uint32Array(stride * Math.max(leastRoom, room));
  }

  get count(): number {
    return this.#count;
  }

  /** 32 bits by which a sum of one element is told from a sum of several. */
  checkOf(high: number, low: number): number {
    sipHashEight(this.#key, high, low, this.#hash);
    return this.#hash[0] as number;
  }

  /** At the first symbol; `sign`: whether it is added to what it comes to, or taken away. */
  add(high: number, low: number, sign: Sign): void {
    const at = this.#count * stride;
    if (at === this.#words.length) this.#double();
    const check = this.checkOf(high, low);
    const words = this.#words;
    words[at + highAt] = high;
    words[at + lowAt] = low;
    words[at + checkAt] = check;
    words[at + firstAt] = check;
    words[at + secondAt] = this.#hash[1] as number;
    words[at + nextAt] = 0;
    words[at + signAt] = sign;
    this.#count += 1;
  }

  /** All of them through the symbols that are there and that they have not come to. */
  walk(row: SymbolRow): void {
    for (let element = 0; element < this.#count; element += 1) this.walkOne(row, element);
  }

  /** `onTouched` hears of each symbol that it came to. */
  walkOne(row: SymbolRow, element: number, onTouched?: (symbol: number) => void): void {
    const words = this.#words;
    const at = element * stride;
    const { length } = row;
    let next = words[at + nextAt] as number;
    if (next >= length) return;
    const [high, low] = [words[at + highAt] as number, words[at + lowAt] as number];
    const [check, sign] = [words[at + checkAt] as number, (words[at + signAt] as number) | 0];
    let [first, second] = [words[at + firstAt] as number, words[at + secondAt] as number];
    while (next < length) {
      row.mix(next, high, low, check, sign);
      onTouched?.(next);
      const drawn = Math.imul(first, 0x9e3779bb) >>> 0;
      second ^= first;
      first = ((first << 26) | (first >>> 6)) ^ second ^ (second << 9);
      second = (second << 13) | (second >>> 19);
      next = Math.min(nowhere, next + gap(next, drawn));
    }
    words[at + firstAt] = first;
    words[at + secondAt] = second;
    words[at + nextAt] = next;
  }

  /** Those of one sign, as a row of elements. */
  elements(sign: Sign): Uint32Array {
    const found: number[] = [];
    for (let at = 0; at < this.#count * stride; at += stride) {
      if (((this.#words[at + signAt] as number) | 0) === sign)
        found.push(this.#words[at + highAt] as number, this.#words[at + lowAt] as number);
    }
    return Uint32Array.from(found);
  }

  #double(): void {
    const former = this.#words;
    this.#words = new Uint32Array(former.length * 2);
    this.#words.set(former);
  }
}

/** From symbol `from` to the element's next one, 1 or more, for a number of 32 bits; in doubles, in this order. */
function gap(from: number, drawn: number): number {
  return Math.ceil((from + 1.5) * (65_536 / Math.sqrt(drawn + 0.5) - 1));
}
