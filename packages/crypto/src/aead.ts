/**
 * AES-256-GCM and ChaCha20-Poly1305, 12 octets of nonce and 16 of tag. Ciphertext and tag stay apart, so that a record is written and
 * read without a copy. The caller never uses a nonce twice under one key: who does, gives plaintext and key away.
 */
import {
  type CipherChaCha20Poly1305,
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type DecipherChaCha20Poly1305,
  type DecipherGCM,
  type KeyObject,
} from "node:crypto";
import { InternalError } from "@ropewalk/kernel/errors";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { checkLength } from "./key-import.ts";
import { plain } from "./pure/octets.ts";

export type AeadAlgorithm = "aes-256-gcm" | "chacha20-poly1305";

/** In octets, of either algorithm. Source: RFC 5116 §5.2, RFC 8439 §2.8. */
export const aeadLengths = { key: 32, nonce: 12, tag: 16 } as const;

export interface Sealed {
  /** As long as the plaintext. */
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

const options = { authTagLength: aeadLengths.tag };

/** A key bound to its algorithm. Its octets live in Node's own memory and are freed with it. */
export class AeadKey<A extends AeadAlgorithm = AeadAlgorithm> {
  readonly algorithm: A;
  readonly #key: KeyObject;

  /** Copies the 32 octets; the caller may erase them. Throws CRYPTO_KEY_INVALID. */
  constructor(algorithm: A, secret: SecretBytes) {
    this.algorithm = algorithm;
    this.#key = createSecretKey(checkLength(secret.reveal(), aeadLengths.key, `an ${algorithm} key`));
  }

  /** `aad` is protected but not hidden. Throws InternalError for a nonce of another length. */
  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Sealed {
    checkNonce(nonce);
    const cipher = createCipher(this.algorithm, this.#key, nonce);
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    const ciphertext = plain(cipher.update(plaintext));
    cipher.final();
    return { ciphertext, tag: plain(cipher.getAuthTag()) };
  }

  /** The plaintext; undefined where key, nonce, AAD, ciphertext or tag is not what was sealed. */
  open(nonce: Uint8Array, aad: Uint8Array, { ciphertext, tag }: Sealed): Uint8Array | undefined {
    checkNonce(nonce);
    if (tag.length !== aeadLengths.tag) return undefined;
    const decipher = createDecipher(this.algorithm, this.#key, nonce);
    decipher.setAAD(aad, { plaintextLength: ciphertext.length });
    decipher.setAuthTag(tag);
    const plaintext = plain(decipher.update(ciphertext));
    try {
      decipher.final();
    } catch {
      // What was decrypted is the sender's until the tag has proved otherwise.
      plaintext.fill(0);
      return undefined;
    }
    return plaintext;
  }
}

/** Ciphertext and tag that lie one behind the other, as views; undefined where there is no room for a tag. */
export function splitSealed(octets: Uint8Array): Sealed | undefined {
  const end = octets.length - aeadLengths.tag;
  return end < 0 ? undefined : { ciphertext: octets.subarray(0, end), tag: octets.subarray(end) };
}

/** Node's types tell the two apart by their names. */
function createCipher(algorithm: AeadAlgorithm, key: KeyObject, nonce: Uint8Array): CipherGCM | CipherChaCha20Poly1305 {
  if (algorithm === "aes-256-gcm") return createCipheriv(algorithm, key, nonce, options);
  return createCipheriv(algorithm, key, nonce, options);
}

function createDecipher(
  algorithm: AeadAlgorithm,
  key: KeyObject,
  nonce: Uint8Array,
): DecipherGCM | DecipherChaCha20Poly1305 {
  if (algorithm === "aes-256-gcm") return createDecipheriv(algorithm, key, nonce, options);
  return createDecipheriv(algorithm, key, nonce, options);
}

function checkNonce({ length }: Uint8Array): void {
  if (length !== aeadLengths.nonce) throw new InternalError(`a nonce has 12 octets, not ${length}`);
}
