/**
 * What was seen of late, in bounded memory: the keyed hashes of 64 bits of two generations. When the younger is full the older
 * is dropped, so that each is remembered at least until `most` others came, and at most `2 × most` are kept.
 *
 * Memory: 16 octets for each of a generation at its fullest, doubled as they come. `most = 65,536` is 1 MiB a generation and
 * 2 MiB for both; an idle node has 4 KiB. Who has not the key cannot make two that are taken for one.
 */
import { type SipKey, sipHash, sipKey } from "./sip-hash.ts";

export interface SeenConfig {
  /** The most of one generation. */
  readonly most: number;
}

export const defaultSeen: SeenConfig = { most: 65_536 };

const firstSlots = 256;

export class Seen {
  readonly #key: SipKey;
  readonly #most: number;
  readonly #hash = new Uint32Array(2);
  #younger = new Generation(firstSlots);
  #older = new Generation(firstSlots);

  /** `key`: 16 octets that nobody else knows. */
  constructor(key: Uint8Array, config: SeenConfig = defaultSeen) {
    this.#key = sipKey(key);
    this.#most = config.most;
  }

  /** Whether these octets are not remembered; they are from now on. */
  isNew(octets: Uint8Array): boolean {
    sipHash(this.#key, octets, this.#hash);
    const low = this.#hash[0] ?? 0;
    // An empty slot is two zeros: of 2^64 hashes, one is taken for its neighbour.
    const high = this.#hash[1] || 1;
    if (this.#older.has(low, high) || this.#younger.has(low, high)) return false;
    if (this.#younger.count >= this.#most) this.#turn();
    this.#younger.add(low, high);
    return true;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#younger.count + this.#older.count;
  }

  /** Octets that they take now. */
  get memory(): number {
    return this.#younger.memory + this.#older.memory;
  }

  #turn(): void {
    const dropped = this.#older;
    dropped.clear();
    this.#older = this.#younger;
    this.#younger = dropped;
  }
}

/** An open-addressing table, half full at most, probed one slot after the other. */
class Generation {
  #slots: Uint32Array;
  #count = 0;

  constructor(slots: number) {
    this.#slots = new Uint32Array(slots * 2);
  }

  get count(): number {
    return this.#count;
  }

  get memory(): number {
    return this.#slots.byteLength;
  }

  has(low: number, high: number): boolean {
    return this.#slots[this.#find(low, high) + 1] !== 0;
  }

  /** It must not be there already. */
  add(low: number, high: number): void {
    this.#put(low, high);
    this.#count += 1;
    if (this.#count * 4 > this.#slots.length) this.#double();
  }

  clear(): void {
    this.#slots.fill(0);
    this.#count = 0;
  }

  /** Where it is, or the empty place where it belongs. */
  #find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = (low << 1) & mask;
    while (slots[at + 1] !== 0 && (slots[at] !== low || slots[at + 1] !== high)) at = (at + 2) & mask;
    return at;
  }

  #double(): void {
    const former = this.#slots;
    this.#slots = new Uint32Array(former.length * 2);
    for (let from = 0; from < former.length; from += 2) {
      const [low, high] = [former[from] ?? 0, former[from + 1] ?? 0];
      if (high !== 0) this.#put(low, high);
    }
  }

  #put(low: number, high: number): void {
    const at = this.#find(low, high);
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
  }
}
