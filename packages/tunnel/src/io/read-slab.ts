/**
 * Where octets of applications are read to: one piece of memory for all connections, given away as far as it was filled with much, and
 * read over again where it was not. So a large read is never copied, an idle connection has no buffer, and memory that streams are done
 * with is used again, which costs less than to be given it anew.
 */
import { copiedLength } from "../pure/session/send-half.ts";

const slabLength = 1_048_576;
/** With less than this left, the next slab is begun. */
const leastLeft = 65_536;
/** Kept for later; what is more is the collector's. */
const mostSpare = 16;

interface Slab {
  readonly octets: Uint8Array;
  /** Given away up to here. */
  at: number;
  /** Octets that were given away and not given back. */
  lent: number;
}

export class ReadSlab {
  #slab: Slab | undefined;
  readonly #spare: Slab[] = [];
  readonly #slabs = new WeakMap<ArrayBufferLike, Slab>();

  /** At most `most` octets, one at least; good until the next call. */
  room(most: number): Uint8Array {
    let slab = this.#slab;
    if (slab === undefined || slabLength - slab.at < Math.min(most, leastLeft)) {
      slab = this.#spare.pop() ?? this.#create();
      slab.at = 0;
      this.#slab = slab;
    }
    return slab.octets.subarray(slab.at, Math.min(slabLength, slab.at + most));
  }

  /** So many octets of what `room` gave were filled, and written to a stream: which copies few of them, and keeps many. */
  filled(length: number): void {
    if (length <= copiedLength || this.#slab === undefined) return;
    this.#slab.at += length;
    this.#slab.lent += length;
  }

  /** A stream has no use for them any more. What is of no slab is passed over. */
  release(octets: Uint8Array): void {
    const slab = this.#slabs.get(octets.buffer);
    if (slab === undefined) return;
    slab.lent -= octets.length;
    if (slab.lent > 0) return;
    if (slab === this.#slab) slab.at = 0;
    else if (this.#spare.length < mostSpare) this.#spare.push(slab);
  }

  #create(): Slab {
    const octets = Buffer.allocUnsafeSlow(slabLength);
    const slab: Slab = { octets, at: 0, lent: 0 };
    this.#slabs.set(octets.buffer, slab);
    return slab;
  }
}
