/**
 * Where octets of applications are read to: one piece of memory for all connections, given away as far as it was filled with much, and
 * read over again where it was not. So a large read is never copied, and an idle connection has no buffer.
 */
import { copiedLength } from "../pure/session/send-half.ts";

const slabLength = 1_048_576;
/** With less than this left, the next slab is begun. */
const leastLeft = 65_536;

export class ReadSlab {
  #slab: Uint8Array | undefined;
  #at = 0;

  /** At most `most` octets, one at least; good until the next call. */
  room(most: number): Uint8Array {
    if (this.#slab === undefined || this.#slab.length - this.#at < Math.min(most, leastLeft)) {
      this.#slab = Buffer.allocUnsafeSlow(slabLength);
      this.#at = 0;
    }
    return this.#slab.subarray(this.#at, Math.min(this.#slab.length, this.#at + most));
  }

  /** So many octets of what `room` gave were filled, and written to a stream: which copies few of them, and keeps many. */
  filled(length: number): void {
    if (length > copiedLength) this.#at += length;
  }
}
