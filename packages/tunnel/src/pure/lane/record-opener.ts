/**
 * Opens what the other end sends on a lane, in the order in which it was sealed. Nothing of a record is seen before its tag was right,
 * and after one that did not open none opens: what was changed, left out, doubled or moved ends the lane.
 * Source: docs/protocols/tunnel-session.md, "Records".
 */
import { decodeFrames } from "../wire/decode-frames.ts";
import type { Frame } from "../wire/frame.ts";
import { KeyChain, type RecordCrypto } from "./key-chain.ts";

/** `broken`: it is not the next record of this lane. `malformed`: it is, and what its sender put in are no frames. */
export type Opened = readonly Frame[] | "broken" | "malformed";

export class RecordOpener {
  readonly #keys: KeyChain;

  /** Takes over `secret`: the other end's of the lane. */
  constructor(crypto: RecordCrypto, secret: Uint8Array) {
    this.#keys = new KeyChain(crypto, secret);
  }

  /**
   * `head`: the record's first four octets; `sealed`: the others. The frames' octets are views, perhaps of `sealed` itself: good
   * for as long as that is.
   */
  open(head: Uint8Array, sealed: Uint8Array): Opened {
    const key = this.#keys.take();
    const plaintext = key?.cipher.open(key.nonce, head, sealed);
    const frames = plaintext === undefined ? "broken" : decodeFrames(plaintext);
    if (typeof frames === "string") return this.#ended(frames);
    const update = frames.findIndex(({ type }) => type === "key-update");
    if (update === -1) return frames;
    if (update < frames.length - 1) return this.#ended("malformed");
    this.#keys.advance();
    return frames;
  }

  /** The lane has ended: its secrets go. */
  erase(): void {
    this.#keys.erase();
  }

  #ended(how: "broken" | "malformed"): "broken" | "malformed" {
    this.#keys.erase();
    return how;
  }
}
