/**
 * What is derived from the key that a change was asked with, by HKDF-SHA256 with the request as its salt, and a label for each use: the seal of its
 * answer, the ids of what it makes, and the key by which a device comes back. So who sends the same again gets the same, also
 * where the answer was never kept; and who reads the database reads no answer.
 */
import { AeadKey, aeadLengths, splitSealed } from "@ropewalk/crypto/aead";
import { HkdfSha256, sha256 } from "@ropewalk/crypto/sha256";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { ChangeKey } from "../pure/http/change-key.ts";

const utf8 = new TextEncoder();

/** All that makes a request what it is. */
export interface ChangeRequest {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly caller: string;
  readonly body: Uint8Array;
}

export function requestHash({ method, target, caller, body }: ChangeRequest): Uint8Array {
  // Of all but the body no two different ones are written the same way: a line feed is in none of them.
  return sha256(joined(utf8.encode(`${method}\n${target}\n${caller}\n`), sha256(body)));
}

export class ChangeSecrets {
  /** SHA-256, all that is kept of the key. */
  readonly keyHash: Uint8Array;
  readonly requestHash: Uint8Array;
  readonly #derived: HkdfSha256;

  constructor(key: ChangeKey, requestHash: Uint8Array) {
    const octets = utf8.encode(key);
    this.keyHash = sha256(octets);
    this.requestHash = requestHash;
    this.#derived = new HkdfSha256(octets, requestHash);
  }

  /** A UUID of version 8 (RFC 9562 §5.8) for what the change makes. */
  id(purpose: string): string {
    const octets = this.#derive(`ropewalk entry id 1 ${purpose}`, 16);
    octets[6] = ((octets[6] as number) & 0x0f) | 0x80;
    octets[8] = ((octets[8] as number) & 0x3f) | 0x80;
    return octets.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  /** 32 octets. */
  reconnectKey(): Uint8Array {
    return this.#derive("ropewalk entry reconnect key 1", 32);
  }

  /** `nonce`: 12 octets, drawn: whoever takes a change over may come to another answer. */
  seal(nonce: Uint8Array, status: number, answer: string): Uint8Array {
    const { ciphertext, tag } = this.#sealKey().seal(nonce, this.#sealed(status), utf8.encode(answer));
    return joined(nonce, ciphertext, tag);
  }

  /** Undefined: it is not what was sealed. */
  open(status: number, sealed: Uint8Array): string | undefined {
    const parts = splitSealed(sealed.subarray(aeadLengths.nonce));
    if (parts === undefined) return undefined;
    const nonce = Uint8Array.from(sealed.subarray(0, aeadLengths.nonce));
    const octets = this.#sealKey().open(nonce, this.#sealed(status), parts);
    return octets === undefined ? undefined : new TextDecoder().decode(octets);
  }

  #sealKey(): AeadKey {
    using secret = new SecretBytes(this.#derive("ropewalk entry sealed answer 1", aeadLengths.key));
    return new AeadKey("aes-256-gcm", secret);
  }

  #sealed(status: number): Uint8Array {
    return joined(this.requestHash, Uint8Array.of(status >> 8, status & 0xff));
  }

  #derive(label: string, length: number): Uint8Array {
    return this.#derived.expand(utf8.encode(label), length);
  }
}
