/**
 * One identity for two purposes: the X25519 key that belongs to an Ed25519 key (RFC 7748 §4.1, the birational map). Signatures are
 * verified by Node alone; two verifiers that differ in the keys they take would split those who rely on them.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import {
  type X25519PrivateKey,
  type X25519PublicKey,
  x25519KeyFromSeed,
  x25519PublicKeyFromRaw,
} from "./key-agreement.ts";
import { checkedKey } from "./key-import.ts";
import type { SigningKey } from "./signing-key.ts";
import type { VerifyingKey } from "./verifying-key.ts";

/** Throws CRYPTO_KEY_INVALID where the octets of the Ed25519 key are no point of the curve, which its import does not look at. */
export function x25519PublicKeyOf(key: VerifyingKey<"ed25519">): X25519PublicKey {
  return x25519PublicKeyFromRaw(checkedKey("an ed25519 public key", () => ed25519.utils.toMontgomery(key.raw())));
}

export function x25519KeyOf(key: SigningKey<"ed25519">): X25519PrivateKey {
  using seed = key.seed();
  using scalar = new SecretBytes(ed25519.utils.toMontgomerySecret(seed.reveal()));
  return x25519KeyFromSeed(scalar);
}
