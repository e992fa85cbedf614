/**
 * Seals what one end sends on a lane, record by record, and changes its key before the key has had too much: what is sealed under the
 * next begins with a record that could not have been sealed under the last. Source: docs/protocols/tunnel-session.md, "Records".
 */

import { writeU32 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";
import type { Bytes, Millis } from "@ropewalk/kernel/units";
import { encodeFrame } from "../wire/encode-frame.ts";
import { KeyChain, mostRecords, type RecordCrypto } from "./key-chain.ts";
import { mostPlaintext, recordHeaderLength, recordTagLength } from "./record.ts";

/** How much one key may seal, and for how long, before the next. */
export interface KeyLimits {
  readonly bytes: Bytes;
  readonly after: Millis;
}

export class RecordSealer {
  readonly #keys: KeyChain;
  readonly #head = new Uint8Array(recordHeaderLength);
  #octets = 0;
  #since: Millis;

  /** Takes over `secret`: this end's of the lane. */
  constructor(crypto: RecordCrypto, secret: Uint8Array, now: Millis) {
    this.#keys = new KeyChain(crypto, secret);
    this.#since = now;
  }

  /**
   * One record of whole frames, as parts to be written one behind the other, before any of another record. `length`: that of all parts
   * together, 1 to 1,048,576. Throws InternalError otherwise, once erased, and where `isDue` was not heeded for 2²⁸ records.
   */
  seal(parts: readonly Uint8Array[], length: number): readonly Uint8Array[] {
    if (length < 1 || length > mostPlaintext) throw new InternalError(`no record has ${length} octets`);
    const key = this.#keys.take();
    if (key === undefined) throw new InternalError("a record was to be sealed without a key that may");
    writeU32(this.#head, 0, length + recordTagLength);
    this.#octets += length;
    return key.cipher.seal(key.nonce, this.#head, parts, length);
  }

  /** Whether `update` is due. Long before a key has no more records to give it is, whatever the limits. */
  isDue({ bytes, after }: KeyLimits, now: Millis): boolean {
    const { records } = this.#keys;
    return this.#octets >= bytes || records >= mostRecords / 2 || (records > 0 && now - this.#since >= after);
  }

  /** The last record under this key, which tells the other end so. What is sealed from now on is under the next. */
  update(now: Millis): readonly Uint8Array[] {
    const frame = encodeFrame({ type: "key-update" });
    const record = this.seal([frame], frame.length);
    this.#keys.advance();
    [this.#octets, this.#since] = [0, now];
    return record;
  }

  /** The lane has ended: its secrets go. */
  erase(): void {
    this.#keys.erase();
  }
}
