/**
 * SHA-256 of many inputs that are alike but for a few octets and fit one block: laid out once, hashed again and again without anything being
 * allocated. As sha256.ts, not for secrets.
 */

import { readU32, writeU32 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";
import { compressSha256, startSha256 } from "./sha256.ts";

const words = 16;
/** What is left of a block's 64 octets beside the one bit and the length behind an input. Source: FIPS 180-4 §5.1.1. */
const longestInput = 55;

export class OneBlockSha256 {
  readonly #octets = new Uint8Array(4 * words);
  readonly #block = new Int32Array(words);
  readonly #state = new Int32Array(8);

  /** Of 55 octets at most: `input` as it is at first. */
  constructor(input: Uint8Array) {
    if (input.length > longestInput) throw new InternalError(`${input.length} octets do not fit one block of SHA-256`);
    this.#octets.set(input);
    this.#octets[input.length] = 0x80;
    writeU32(this.#octets, this.#octets.length - 4, 8 * input.length);
  }

  /** Other octets in a part of the input. */
  put(part: Uint8Array, at: number): void {
    this.#octets.set(part, at);
  }

  /** The eight words of the hash, used again at the next call. */
  hash(): Readonly<Int32Array> {
    for (let word = 0; word < words; word += 1) this.#block[word] = readU32(this.#octets, 4 * word);
    startSha256(this.#state);
    compressSha256(this.#state, this.#block);
    return this.#state;
  }
}
