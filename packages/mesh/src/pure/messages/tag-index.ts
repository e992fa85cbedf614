/**
 * Tags to places 0, 1, 2 … in the order in which they come, in typed arrays that double as they fill. A tag is known by its keyed hash of 64
 * bits: whoever has not the key can neither make two that are taken for one, nor many that crowd one slot.
 */
import { readU32 } from "@ropewalk/kernel/big-endian";
import { type SipKey, sipHash, sipHashEight, sipKey } from "../protection/sip-hash.ts";

const firstPlaces = 256;

/** What a tag is known by. Used again at each call: to be looked up at once. */
export type TagHash = Readonly<Uint32Array>;

export class TagHasher {
  readonly #key: SipKey;
  readonly #hash = new Uint32Array(2);
  readonly #content = new Uint32Array(2);
  /** What was hashed last: it is asked for several times while an envelope passes. */
  #high = -1;
  #low = -1;

  /** `key`: 16 octets that nobody else knows. */
  constructor(key: Uint8Array) {
    this.#key = sipKey(key);
  }

  /** Of 8 octets. */
  hash(tag: Uint8Array): TagHash {
    const [high, low] = [readU32(tag, 0), readU32(tag, 4)];
    if (high === this.#high && low === this.#low) return this.#hash;
    [this.#high, this.#low] = [high, low];
    sipHashEight(this.#key, high, low, this.#hash);
    return this.#hash;
  }

  /** 32 bits of what an envelope has sealed. */
  content(sealed: Uint8Array): number {
    sipHash(this.#key, sealed, this.#content);
    return this.#content[0] ?? 0;
  }
}

export class TagIndex {
  /** A place and 1; 0: free. Half full at most. */
  #slots = new Int32Array(2 * firstPlaces);
  #hashes = new Uint32Array(2 * firstPlaces);
  #count = 0;

  /** Places that are taken. */
  get count(): number {
    return this.#count;
  }

  /** Places that there are: what a caller keeps by place must have as many. */
  get capacity(): number {
    return this.#slots.length / 2;
  }

  /** Octets that it takes. */
  get memory(): number {
    return this.#slots.byteLength + this.#hashes.byteLength;
  }

  /** -1: it is not there. */
  find(hash: TagHash): number {
    return (this.#slots[this.#slotOf(hash[0] ?? 0, hash[1] ?? 0)] ?? 0) - 1;
  }

  /** Its place. It must not be there already. */
  add(hash: TagHash): number {
    if (this.#count >= this.capacity) this.#double();
    const place = this.#count;
    this.#hashes[2 * place] = hash[0] ?? 0;
    this.#hashes[2 * place + 1] = hash[1] ?? 0;
    this.#slots[this.#slotOf(hash[0] ?? 0, hash[1] ?? 0)] = place + 1;
    this.#count += 1;
    return place;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#count = 0;
  }

  /** The slot of who has this hash, or the free one where he belongs. */
  #slotOf(low: number, high: number): number {
    const [slots, hashes] = [this.#slots, this.#hashes];
    const mask = slots.length - 1;
    for (let at = low & mask; ; at = (at + 1) & mask) {
      const place = (slots[at] ?? 0) - 1;
      if (place < 0 || (hashes[2 * place] === low && hashes[2 * place + 1] === high)) return at;
    }
  }

  #double(): void {
    const before = this.#hashes;
    this.#hashes = new Uint32Array(2 * before.length);
    this.#hashes.set(before);
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let place = 0; place < this.#count; place += 1)
      this.#slots[this.#slotOf(before[2 * place] ?? 0, before[2 * place + 1] ?? 0)] = place + 1;
  }
}
