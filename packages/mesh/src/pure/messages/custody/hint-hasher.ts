/**
 * The hint of `wire/tags.ts`, for who has to compare many: the same hash of one block, whose octets are laid out once and of which only tag
 * and address change. A comparison takes a quarter of the time.
 */
import { framed } from "@ropewalk/crypto/pure/octets";
import { compressSha256, startSha256 } from "@ropewalk/crypto/pure/sha256";
import { readU32, writeU32 } from "@ropewalk/kernel/big-endian";
import { addressLength } from "../../mesh-address.ts";
import { envelopeLengths } from "../wire/envelope.ts";
import { hintLabel } from "../wire/tags.ts";

const words = 16;

export class HintHasher {
  readonly #octets = new Uint8Array(4 * words);
  readonly #tagAt: number;
  readonly #block = new Int32Array(words);
  readonly #state = new Int32Array(8);

  constructor() {
    const input = framed(hintLabel, new Uint8Array(envelopeLengths.tag + addressLength));
    this.#tagAt = input.length - addressLength - envelopeLengths.tag;
    this.#octets.set(input);
    // What SHA-256 puts behind a message of one block: FIPS 180-4 §5.1.1.
    this.#octets[input.length] = 0x80;
    writeU32(this.#octets, this.#octets.length - 4, 8 * input.length);
  }

  /** Of the envelopes that are asked for next. */
  set tag(tag: Uint8Array) {
    this.#octets.set(tag, this.#tagAt);
  }

  /** Whether the hint of an envelope with that tag for this address, 16 octets, is `hint`, 8 octets. */
  fits(address: Uint8Array, hint: Uint8Array): boolean {
    this.#octets.set(address, this.#tagAt + envelopeLengths.tag);
    for (let word = 0; word < words; word += 1) this.#block[word] = readU32(this.#octets, 4 * word);
    startSha256(this.#state);
    compressSha256(this.#state, this.#block);
    const isFirst = (this.#state[0] ?? 0) >>> 0 === readU32(hint, 0);
    return isFirst && (this.#state[1] ?? 0) >>> 0 === readU32(hint, 4);
  }
}
