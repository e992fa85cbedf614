/** Keys that sign and keys that verify, each bound to its algorithm by type. Neither shows its octets when it is printed. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { CryptoError } from "./errors.ts";
import { checkedKey, checkLength } from "./key-import.ts";
import { plain } from "./pure/octets.ts";
import {
  allSignatureAlgorithms,
  type SignatureAlgorithm,
  seedLength,
  signatureAlgorithms,
} from "./signature-algorithms.ts";
import { type VerifyingKey, verifyingKeyOf } from "./verifying-key.ts";

/** A private key. Made by the functions below, which check it. */
export class SigningKey<A extends SignatureAlgorithm = SignatureAlgorithm> {
  readonly algorithm: A;
  readonly verifyingKey: VerifyingKey<A>;
  readonly #key: KeyObject;

  constructor(algorithm: A, key: KeyObject) {
    this.algorithm = algorithm;
    this.verifyingKey = verifyingKeyOf(createPublicKey(key), [algorithm]);
    this.#key = key;
  }

  /** The 32 octets that the key is made from. Throws CRYPTO_KEY_INVALID for an ML-DSA key that was imported without its seed. */
  seed(): SecretBytes {
    const { seedFormat } = signatureAlgorithms[this.algorithm];
    return checkedKey(
      `the seed of an ${this.algorithm} key, which was imported without one`,
      () => new SecretBytes(plain(this.#key.export({ format: seedFormat }))),
    );
  }

  /** PKCS#8, DER. Source: RFC 5958; RFC 9881 §6 for ML-DSA. */
  toPkcs8(): SecretBytes {
    return new SecretBytes(plain(this.#key.export({ format: "der", type: "pkcs8" })));
  }

  /** The key as Node's tls and the writer of certificates want it. Whoever has it can sign without a domain: use `sign` elsewhere. */
  privateKeyObject(): KeyObject {
    return this.#key;
  }
}

/** A new key from the system's randomness. */
export function generateSigningKey<A extends SignatureAlgorithm>(algorithm: A): SigningKey<A> {
  return new SigningKey(algorithm, generatePrivateKey(algorithm));
}

/** The key that 32 octets make; the same ones always make the same. Throws CRYPTO_KEY_INVALID. */
export function signingKeyFromSeed<A extends SignatureAlgorithm>(algorithm: A, seed: SecretBytes): SigningKey<A> {
  const { asymmetricKeyType, namedCurve, seedFormat: format } = signatureAlgorithms[algorithm];
  const key = checkLength(seed.reveal(), seedLength, `the seed of an ${algorithm} key`);
  if (algorithm === "p-256") checkScalar(key);
  return checkedKey(
    `an ${algorithm} private key`,
    () => new SigningKey(algorithm, createPrivateKey({ key, format, asymmetricKeyType, namedCurve })),
  );
}

/** The key in a PKCS#8 structure (DER), of one of the accepted algorithms. Throws CRYPTO_KEY_INVALID and CRYPTO_KEY_ALGORITHM. */
export function signingKeyFromPkcs8<A extends SignatureAlgorithm = SignatureAlgorithm>(
  der: SecretBytes,
  accepted: readonly A[] = allSignatureAlgorithms as readonly A[],
): SigningKey<A> {
  const key = checkedKey("a PKCS#8 private key", () =>
    createPrivateKey({
      key: Buffer.from(der.reveal().buffer, der.reveal().byteOffset, der.length),
      format: "der",
      type: "pkcs8",
    }),
  );
  return signingKeyOf(key, accepted);
}

/** The key that Node has read, as from PEM, if it is of one of the accepted algorithms. Throws CRYPTO_KEY_ALGORITHM. */
export function signingKeyOf<A extends SignatureAlgorithm = SignatureAlgorithm>(
  key: KeyObject,
  accepted: readonly A[] = allSignatureAlgorithms as readonly A[],
): SigningKey<A> {
  if (key.type !== "private")
    throw new CryptoError("CRYPTO_KEY_INVALID", `a ${key.type} key was given to sign with; give the private key`);
  const { algorithm } = verifyingKeyOf(createPublicKey(key), accepted);
  const read = new SigningKey(algorithm, key);
  // These structures may bring a public key along, of which nobody has checked that it is this one's.
  return algorithm === "ml-dsa-65" ? read : signingKeyFromSeed(algorithm, read.seed());
}

/** One below the order of P-256, big-endian. Source: SP 800-186 §3.2.1.3. */
const largestScalar = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550");

/** Node takes zero and what is beyond the order. */
function checkScalar(octets: Uint8Array): void {
  const scalar = BigInt(`0x${octets.toHex()}`);
  if (scalar < 1n || scalar > largestScalar) {
    throw new CryptoError(
      "CRYPTO_KEY_INVALID",
      "the p-256 private key is outside 1 … n - 1: it is damaged, or of another kind",
    );
  }
}

function generatePrivateKey(algorithm: SignatureAlgorithm): KeyObject {
  switch (algorithm) {
    case "ml-dsa-65":
      return generateKeyPairSync("ml-dsa-65").privateKey;
    case "ed25519":
      return generateKeyPairSync("ed25519").privateKey;
    case "p-256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  }
}
