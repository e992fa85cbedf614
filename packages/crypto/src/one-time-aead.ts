/**
 * ChaCha20-Poly1305 (RFC 8439) under keys that seal once and are thrown away, so that the nonce is always zero. Ciphertext and tag lie one
 * behind the other. Whoever seals twice under one key gives both plaintexts away.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { aeadLengths, splitSealed } from "./aead.ts";
import { checkLength } from "./key-import.ts";
import { plain } from "./pure/octets.ts";

const algorithm = "chacha20-poly1305";
const options = { authTagLength: aeadLengths.tag };
const nonce: Uint8Array = new Uint8Array(aeadLengths.nonce);

/** Ciphertext and tag, in octets of their own. `aad` is protected but not hidden. Throws CRYPTO_KEY_INVALID. */
export function sealOnce(key: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(algorithm, checkLength(key, aeadLengths.key, "a key of one message"), nonce, options);
  if (aad.length > 0) cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const sealed = new Uint8Array(plaintext.length + aeadLengths.tag);
  sealed.set(cipher.update(plaintext));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

/** The plaintext; undefined where key, AAD, ciphertext or tag is not what was sealed. Throws CRYPTO_KEY_INVALID. */
export function openOnce(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const parts = splitSealed(sealed);
  if (parts === undefined) return undefined;
  const decipher = createDecipheriv(
    algorithm,
    checkLength(key, aeadLengths.key, "a key of one message"),
    nonce,
    options,
  );
  if (aad.length > 0) decipher.setAAD(aad, { plaintextLength: parts.ciphertext.length });
  decipher.setAuthTag(parts.tag);
  const plaintext = plain(decipher.update(parts.ciphertext));
  try {
    decipher.final();
  } catch {
    // What was decrypted is the sender's until the tag has proved otherwise.
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}
