/**
 * The hint of `wire/tags.ts`, for who has to compare many: the same hash of one block, whose octets are laid out once and of which only tag
 * and address change. A comparison takes a quarter of the time.
 */
import { framed } from "@ropewalk/crypto/pure/octets";
import { OneBlockSha256 } from "@ropewalk/crypto/pure/one-block-sha256";
import { readU32 } from "@ropewalk/kernel/big-endian";
import { addressLength } from "../../mesh-address.ts";
import { envelopeLengths } from "../wire/envelope.ts";
import { hintLabel } from "../wire/tags.ts";

export class HintHasher {
  readonly #block: OneBlockSha256;
  readonly #tagAt: number;

  constructor() {
    const input = framed(hintLabel, new Uint8Array(envelopeLengths.tag + addressLength));
    this.#tagAt = input.length - addressLength - envelopeLengths.tag;
    this.#block = new OneBlockSha256(input);
  }

  /** Of the envelopes that are asked for next. */
  set tag(tag: Uint8Array) {
    this.#block.put(tag, this.#tagAt);
  }

  /** Whether the hint of an envelope with that tag for this address, 16 octets, is `hint`, 8 octets. */
  fits(address: Uint8Array, hint: Uint8Array): boolean {
    this.#block.put(address, this.#tagAt + envelopeLengths.tag);
    const hash = this.#block.hash();
    const isFirst = (hash[0] ?? 0) >>> 0 === readU32(hint, 0);
    return isFirst && (hash[1] ?? 0) >>> 0 === readU32(hint, 4);
  }
}
