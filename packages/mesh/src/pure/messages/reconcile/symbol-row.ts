/** Coded symbols in a row: of the elements that came to each, the XOR, the XOR of their checks, and how many they are. */
const [highAt, lowAt, checkAt, countAt] = [0, 1, 2, 3];
const stride = 4;
const leastRoom = 64;

export class SymbolRow {
  #words = new Uint32Array(stride * leastRoom);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** To no fewer than there are; new ones are empty. */
  grow(to: number): void {
    if (to * stride > this.#words.length) {
      const former = this.#words;
      this.#words = new Uint32Array(Math.max(2 * former.length, to * stride));
      this.#words.set(former);
    }
    this.#length = to;
  }

  /** An element comes to a symbol: `count` is 1, or −1 to take it away; so does what a symbol of others has. */
  mix(symbol: number, high: number, low: number, check: number, count: number): void {
    const [words, at] = [this.#words, symbol * stride];
    words[at + highAt] = (words[at + highAt] as number) ^ high;
    words[at + lowAt] = (words[at + lowAt] as number) ^ low;
    words[at + checkAt] = (words[at + checkAt] as number) ^ check;
    words[at + countAt] = (words[at + countAt] as number) + count;
  }

  high(symbol: number): number {
    return this.#words[symbol * stride + highAt] as number;
  }

  low(symbol: number): number {
    return this.#words[symbol * stride + lowAt] as number;
  }

  check(symbol: number): number {
    return this.#words[symbol * stride + checkAt] as number;
  }

  /** Of a difference it may be less than 0. */
  count(symbol: number): number {
    return (this.#words[symbol * stride + countAt] as number) | 0;
  }

  isEmpty(symbol: number): boolean {
    return (this.high(symbol) | this.low(symbol) | this.check(symbol) | this.count(symbol)) === 0;
  }
}
