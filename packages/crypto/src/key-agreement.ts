/** X25519 (RFC 7748): typed keys, and a shared secret that is never zero, for keys of small order are refused. */
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { CryptoError } from "./errors.ts";
import { checkedKey, checkLength } from "./key-import.ts";
import { plain } from "./pure/octets.ts";
import { isSmallOrderMontgomery } from "./pure/small-order.ts";

const keyLength = 32;

/** A public key. Made by `x25519PublicKeyFromRaw`, which checks it. */
export class X25519PublicKey {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** u in 32 octets, little-endian. Source: RFC 7748 §5. */
  raw(): Uint8Array {
    return plain(this.#key.export({ format: "raw-public" }));
  }

  /** For `agree`, which hands it to Node. */
  publicKeyObject(): KeyObject {
    return this.#key;
  }
}

/** A private key. Made by the functions below. */
export class X25519PrivateKey {
  readonly publicKey: X25519PublicKey;
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.publicKey = new X25519PublicKey(createPublicKey(key));
    this.#key = key;
  }

  /** The 32 octets that the scalar is made from. */
  seed(): SecretBytes {
    return new SecretBytes(plain(this.#key.export({ format: "raw-private" })));
  }

  /** The 32 octets that both ends alone know, to be put through a key derivation. Throws CRYPTO_KEY_WEAK rather than give zeros. */
  agree(peer: X25519PublicKey): SecretBytes {
    try {
      return new SecretBytes(plain(diffieHellman({ privateKey: this.#key, publicKey: peer.publicKeyObject() })));
    } catch (cause) {
      throw new CryptoError(
        "CRYPTO_KEY_WEAK",
        "the peer's X25519 key leads to a shared secret of zero; refuse the peer",
        { cause },
      );
    }
  }
}

/** A new key from the system's randomness. */
export function generateX25519Key(): X25519PrivateKey {
  return new X25519PrivateKey(generateKeyPairSync("x25519").privateKey);
}

/** The key that 32 octets make. Throws CRYPTO_KEY_INVALID. */
export function x25519KeyFromSeed(seed: SecretBytes): X25519PrivateKey {
  const key = checkLength(seed.reveal(), keyLength, "an X25519 private key");
  const read = () => createPrivateKey({ key, format: "raw-private", asymmetricKeyType: "x25519" });
  return new X25519PrivateKey(checkedKey("an X25519 private key", read));
}

/** The key of 32 octets. Throws CRYPTO_KEY_INVALID and, for a point of small order in whichever encoding, CRYPTO_KEY_WEAK. */
export function x25519PublicKeyFromRaw(raw: Uint8Array): X25519PublicKey {
  const key = checkLength(raw, keyLength, "an X25519 public key");
  if (isSmallOrderMontgomery(key)) {
    throw new CryptoError(
      "CRYPTO_KEY_WEAK",
      "the X25519 public key is a point of small order, which hides nothing; refuse its sender",
    );
  }
  const read = () => createPublicKey({ key, format: "raw-public", asymmetricKeyType: "x25519" });
  return new X25519PublicKey(checkedKey("an X25519 public key", read));
}
