/**
 * An identity key sealed with a passphrase: what a thief of the file has to guess costs him 128 MiB and some tenths of a second a
 * time. The public key is in clear, so that a sealed file can still say whose it is.
 *
 *     version (1) = 1 | log2 N (1) | salt (16) | public key (32) | ChaCha20-Poly1305 of the seed (32 + 16)
 *
 * The key is scrypt(passphrase, salt, N, r = 8, p = 1) (RFC 7914 §6), the nonce zero, for no two files have one salt; what stands
 * before the ciphertext is its additional data.
 */
import { randomBytes, scryptSync } from "node:crypto";
import { AeadKey, aeadLengths, splitSealed } from "@ropewalk/crypto/aead";
import { type SigningKey, signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

export const sealedLabel = "ROPEWALK SEALED MESH IDENTITY";

const version = 1;
/** Of what is sealed here; of what is opened, up to eight times as much memory. Source: OWASP Password Storage, scrypt. */
const usualLogN = 17;
const logNRange = { least: 14, most: 20 } as const;
const blockSize = 8;
const saltLength = 16;
const keyLength = 32;
const headLength = 2 + saltLength + keyLength;
const sealedLength = headLength + keyLength + aeadLengths.tag;
const nonce = new Uint8Array(aeadLengths.nonce);

export type Opened =
  | { readonly kind: "opened"; readonly key: SigningKey<"ed25519"> }
  /** It was sealed with another passphrase, or has been changed since: no one can tell which. */
  | { readonly kind: "another-passphrase" }
  | { readonly kind: "malformed" };

export function sealIdentity(key: SigningKey<"ed25519">, passphrase: SecretBytes): Uint8Array {
  const salt = new Uint8Array(randomBytes(saltLength));
  const head = joined(Uint8Array.of(version, usualLogN), salt, key.verifyingKey.raw());
  using seed = key.seed();
  const { ciphertext, tag } = stretched(passphrase, salt, usualLogN).seal(nonce, head, seed.reveal());
  return joined(head, ciphertext, tag);
}

/** The public key that a sealed identity says to have; undefined where it is none. Nothing is proved by it. */
export function sealedPublicKey(octets: Uint8Array): Uint8Array | undefined {
  const [first, logN = 0] = octets;
  const isKnown = first === version && logN >= logNRange.least && logN <= logNRange.most;
  return isKnown && octets.length === sealedLength ? octets.slice(headLength - keyLength, headLength) : undefined;
}

export function openIdentity(octets: Uint8Array, passphrase: SecretBytes): Opened {
  const publicKey = sealedPublicKey(octets);
  const sealed = splitSealed(octets.subarray(headLength));
  if (publicKey === undefined || sealed === undefined) return { kind: "malformed" };
  const head = octets.subarray(0, headLength);
  const seed = stretched(passphrase, octets.subarray(2, 2 + saltLength), octets[1] ?? 0).open(nonce, head, sealed);
  if (seed === undefined) return { kind: "another-passphrase" };
  using secret = new SecretBytes(seed);
  return { kind: "opened", key: signingKeyFromSeed("ed25519", secret) };
}

function stretched(passphrase: SecretBytes, salt: Uint8Array, logN: number): AeadKey<"chacha20-poly1305"> {
  const cost = 2 ** logN;
  // What OpenSSL counts: 128·N·r for the table, and a little beside it.
  const maxmem = 128 * cost * blockSize + 1024 * 1024;
  const octets = scryptSync(passphrase.reveal(), salt, aeadLengths.key, {
    cost,
    blockSize,
    parallelization: 1,
    maxmem,
  });
  using key = new SecretBytes(new Uint8Array(octets.buffer, octets.byteOffset, octets.length));
  return new AeadKey("chacha20-poly1305", key);
}
