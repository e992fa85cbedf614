/** ML-KEM-768 (FIPS 203): typed keys, encapsulation and decapsulation, at once or on libuv's threads. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  decapsulate as nodeDecapsulate,
  encapsulate as nodeEncapsulate,
} from "node:crypto";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { Encapsulated } from "./encapsulated.ts";
import { CryptoError } from "./errors.ts";
import { checkedKey, checkLength } from "./key-import.ts";
import { plain } from "./pure/octets.ts";

/** In octets. Source: FIPS 203 §8, table 3; the seed is d ‖ z. */
export const mlKemLengths = { seed: 64, publicKey: 1184, ciphertext: 1088, secret: 32 } as const;

/** A public key ("encapsulation key"). Made by `mlKemPublicKeyFromRaw`, which checks it. */
export class MlKemPublicKey {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  raw(): Uint8Array {
    return plain(this.#key.export({ format: "raw-public" }));
  }

  /** A fresh secret, and what tells it to the owner of the private key. */
  encapsulate(): Encapsulated {
    return encapsulated(nodeEncapsulate(this.#key));
  }

  /** The same, off this thread. */
  encapsulateAsync(): Promise<Encapsulated> {
    const { promise, resolve, reject } = Promise.withResolvers<Encapsulated>();
    nodeEncapsulate(this.#key, (error: Error | null, result) =>
      error ? reject(error) : resolve(encapsulated(result)),
    );
    return promise;
  }
}

/** A private key ("decapsulation key"). Made by the functions below. */
export class MlKemPrivateKey {
  readonly publicKey: MlKemPublicKey;
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.publicKey = new MlKemPublicKey(createPublicKey(key));
    this.#key = key;
  }

  /** d ‖ z, 64 octets. */
  seed(): SecretBytes {
    return new SecretBytes(plain(this.#key.export({ format: "raw-seed" })));
  }

  /**
   * The secret in a ciphertext. A forged one of the right length gives a secret that nobody knows, and no error (FIPS 203 §6.3):
   * only what is derived from it shows the difference. Throws CRYPTO_CIPHERTEXT_INVALID.
   */
  decapsulate(ciphertext: Uint8Array): SecretBytes {
    checkCiphertext(ciphertext);
    return new SecretBytes(plain(nodeDecapsulate(this.#key, ciphertext)));
  }

  /** The same, off this thread. */
  async decapsulateAsync(ciphertext: Uint8Array): Promise<SecretBytes> {
    checkCiphertext(ciphertext);
    const { promise, resolve, reject } = Promise.withResolvers<SecretBytes>();
    nodeDecapsulate(this.#key, ciphertext, (error: Error | null, secret) =>
      error ? reject(error) : resolve(new SecretBytes(plain(secret))),
    );
    return promise;
  }
}

/** A new key from the system's randomness. */
export function generateMlKemKey(): MlKemPrivateKey {
  return new MlKemPrivateKey(generateKeyPairSync("ml-kem-768").privateKey);
}

/** The key that d ‖ z make. Throws CRYPTO_KEY_INVALID. */
export function mlKemKeyFromSeed(seed: SecretBytes): MlKemPrivateKey {
  const key = checkLength(seed.reveal(), mlKemLengths.seed, "the seed of an ML-KEM-768 key");
  const read = () => createPrivateKey({ key, format: "raw-seed", asymmetricKeyType: "ml-kem-768" });
  return new MlKemPrivateKey(checkedKey("the seed of an ML-KEM-768 key", read));
}

/** The key of 1,184 octets, its coefficients checked (FIPS 203 §7.2). Throws CRYPTO_KEY_INVALID. */
export function mlKemPublicKeyFromRaw(raw: Uint8Array): MlKemPublicKey {
  const key = checkLength(raw, mlKemLengths.publicKey, "an ML-KEM-768 public key");
  const read = () => createPublicKey({ key, format: "raw-public", asymmetricKeyType: "ml-kem-768" });
  return new MlKemPublicKey(checkedKey("an ML-KEM-768 public key", read));
}

function encapsulated(result: { readonly sharedKey: Uint8Array; readonly ciphertext: Uint8Array }): Encapsulated {
  return { ciphertext: plain(result.ciphertext), secret: new SecretBytes(plain(result.sharedKey)) };
}

function checkCiphertext({ length }: Uint8Array): void {
  if (length === mlKemLengths.ciphertext) return;
  throw new CryptoError(
    "CRYPTO_CIPHERTEXT_INVALID",
    `an ML-KEM-768 ciphertext has 1,088 octets, not ${length}; refuse its sender`,
  );
}
