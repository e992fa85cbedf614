/**
 * The broadcasts that were heard of late, by a keyed hash, and with how many hops each was passed on: two generations of them, of which the
 * older is dropped when the younger is full. A copy that may go further than the one before is passed on once more, or whoever is near
 * could shorten how far others are heard.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "../../link.ts";
import { type SipKey, sipHash, sipKey } from "../../protection/sip-hash.ts";
import type { Priority } from "../wire/envelope.ts";

/** Of one generation. */
export const mostHeard = 8_192;

export interface HeardBroadcast {
  readonly priority: Priority;
  /** When its life is over, as it came first: no later copy makes it longer. */
  readonly until: Millis;
  /** With so many it is passed on; below 0 it is not. */
  hops: number;
  /** Who brought the copy that may go furthest; undefined: it is this node's own. */
  from: LinkId | undefined;
}

export class HeardBroadcasts {
  readonly #key: SipKey;
  readonly #most: number;
  readonly #hash = new Uint32Array(2);
  #younger = new Map<number, HeardBroadcast>();
  #older = new Map<number, HeardBroadcast>();

  /** `key`: 16 octets that nobody else knows. */
  constructor(key: Uint8Array, most: number = mostHeard) {
    this.#key = sipKey(key);
    this.#most = most;
  }

  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  /** By what is the same wherever it is heard. */
  find(lasting: Uint8Array): HeardBroadcast | undefined {
    const name = this.#nameOf(lasting);
    return this.#younger.get(name) ?? this.#older.get(name);
  }

  /** It must not be there. */
  add(lasting: Uint8Array, heard: HeardBroadcast): void {
    if (this.#younger.size >= this.#most) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(this.#nameOf(lasting), heard);
  }

  /** 53 bits of the hash: who has not its key cannot make two that are taken for one. */
  #nameOf(lasting: Uint8Array): number {
    sipHash(this.#key, lasting, this.#hash);
    return ((this.#hash[1] ?? 0) & 0x1f_ffff) * 2 ** 32 + (this.#hash[0] ?? 0);
  }
}
