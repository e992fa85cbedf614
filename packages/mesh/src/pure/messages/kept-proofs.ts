/**
 * Proofs that are kept: of what was opened here, so that a copy which comes again is proved again, and of what this node had custody of, so
 * that nobody keeps it who has it still. Two generations: the latest 32,768 are here at least, in 2 MiB; all are in the store until they end.
 */
import type { StoreTime } from "./store-time.ts";
import { TagHasher, TagIndex } from "./tag-index.ts";

/** Of one generation. */
export const mostKeptProofs = 32_768;

/** Octets of a proof. */
export const ackKeyLength = 16;

export class KeptProofs {
  readonly #hasher: TagHasher;
  readonly #most: number;
  #younger = new Generation();
  #older = new Generation();

  /** `key`: 16 octets that nobody else knows. */
  constructor(key: Uint8Array, most: number = mostKeptProofs) {
    this.#hasher = new TagHasher(key);
    this.#most = most;
  }

  get size(): number {
    return this.#younger.index.count + this.#older.index.count;
  }

  /** `ackKey` is copied. */
  keep(tag: Uint8Array, ackKey: Uint8Array, until: StoreTime): void {
    const hash = this.#hasher.hash(tag);
    if (this.#older.index.find(hash) >= 0 || this.#younger.index.find(hash) >= 0) return;
    if (this.#younger.index.count >= this.#most) {
      const dropped = this.#older;
      dropped.index.clear();
      this.#older = this.#younger;
      this.#younger = dropped;
    }
    this.#younger.put(this.#younger.index.add(hash), ackKey, until);
  }

  /** The proof of the envelope with this tag: octets of its own. */
  find(now: StoreTime, tag: Uint8Array): Uint8Array | undefined {
    const hash = this.#hasher.hash(tag);
    for (const generation of [this.#younger, this.#older]) {
      const place = generation.index.find(hash);
      if (place >= 0) return generation.get(now, place);
    }
    return undefined;
  }
}

class Generation {
  readonly index = new TagIndex();
  #keys = new Uint8Array(ackKeyLength * this.index.capacity);
  #until = new Float64Array(this.index.capacity);

  put(place: number, ackKey: Uint8Array, until: StoreTime): void {
    if (this.#until.length < this.index.capacity) {
      const [keys, untils] = [this.#keys, this.#until];
      this.#keys = new Uint8Array(ackKeyLength * this.index.capacity);
      this.#until = new Float64Array(this.index.capacity);
      this.#keys.set(keys);
      this.#until.set(untils);
    }
    this.#keys.set(ackKey, ackKeyLength * place);
    this.#until[place] = until;
  }

  get(now: StoreTime, place: number): Uint8Array | undefined {
    if ((this.#until[place] ?? 0) <= now) return undefined;
    return this.#keys.slice(ackKeyLength * place, ackKeyLength * (place + 1));
  }
}
