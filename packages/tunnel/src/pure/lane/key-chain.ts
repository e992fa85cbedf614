/**
 * The keys of one direction of a lane, one after the other, and the numbers of the records under each. A nonce is given out once, and
 * a key that has given way is erased: it cannot be found again from the next.
 * Source: docs/protocols/tunnel-session.md, "Records".
 */
import type { CreateRecordCipher, RecordCipher } from "@ropewalk/crypto/pure/record-cipher";
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import { nextLaneSecret, recordKey } from "./lane-keys.ts";

/** What a lane's records need of cryptography; all of it is synchronous. */
export interface RecordCrypto {
  readonly sha384: Sha384;
  readonly createCipher: CreateRecordCipher;
}

/** Of one key: AES-256-GCM is good for 2²⁸ records of any size up to the longest. */
export const mostRecords: number = 2 ** 28;

interface CurrentKey {
  readonly secret: Uint8Array;
  readonly iv: Uint8Array;
  readonly cipher: RecordCipher;
}

export class KeyChain {
  readonly #crypto: RecordCrypto;
  readonly #most: number;
  /** Written anew for each record: who gets it uses it at once. */
  readonly #nonce = new Uint8Array(12);
  #current: CurrentKey | undefined;
  #records = 0;

  /** Takes over `secret`: 48 bytes, this direction's of the lane. Each key is good for `most` records. */
  constructor(crypto: RecordCrypto, secret: Uint8Array, most: number = mostRecords) {
    this.#crypto = crypto;
    this.#most = most;
    this.#current = keyOf(crypto, secret);
  }

  /** Under the current key. */
  get records(): number {
    return this.#records;
  }

  /** The key, and the nonce that belongs to its next record; undefined once it has had all that it may, or was erased. */
  take(): { readonly cipher: RecordCipher; readonly nonce: Uint8Array } | undefined {
    if (this.#current === undefined || this.#records >= this.#most) return undefined;
    const { iv, cipher } = this.#current;
    const nonce = this.#nonce;
    nonce.set(iv);
    // Of the number's eight octets the first four are always 0.
    for (let at = 8, shift = 24; at < 12; at += 1, shift -= 8) {
      nonce[at] = (nonce[at] ?? 0) ^ (this.#records >>> shift);
    }
    this.#records += 1;
    return { cipher, nonce };
  }

  /** To the next key. */
  advance(): void {
    if (this.#current === undefined) return;
    const next = nextLaneSecret(this.#crypto.sha384, this.#current.secret);
    this.erase();
    this.#current = keyOf(this.#crypto, next);
    this.#records = 0;
  }

  /** For good. */
  erase(): void {
    this.#current?.cipher.erase();
    this.#current?.secret.fill(0);
    this.#current?.iv.fill(0);
    this.#current = undefined;
  }
}

function keyOf({ sha384, createCipher }: RecordCrypto, secret: Uint8Array): CurrentKey {
  const { key, iv } = recordKey(sha384, secret);
  const cipher = createCipher(key);
  key.fill(0);
  return { secret, iv, cipher };
}
