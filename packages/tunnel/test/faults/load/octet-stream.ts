/**
 * The octets of one direction of one stream: a keystream, so that either end knows what stands at every offset, no two streams
 * share a piece, and what came wrong can be found where it belongs.
 */
import { createCipheriv, createHash } from "node:crypto";

export class OctetStream {
  readonly #next: (octets: Uint8Array) => Buffer;

  constructor(seed: number, number: number, direction: "up" | "down") {
    const key = createHash("sha256").update(`${seed} ${number} ${direction}`).digest();
    const cipher = createCipheriv("aes-128-ctr", key.subarray(0, 16), key.subarray(16));
    this.#next = (octets) => cipher.update(octets);
  }

  /** The next ones. */
  take(count: number): Buffer {
    return this.#next(Buffer.alloc(count));
  }
}
