/** Public keys that verify signatures, each bound to its algorithm by type, and checked when they come in. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { CryptoError } from "./errors.ts";
import { checkedKey, checkLength } from "./key-import.ts";
import { plain } from "./pure/octets.ts";
import { isCanonicalEdwards, isSmallOrderEdwards } from "./pure/small-order.ts";
import { allSignatureAlgorithms, type SignatureAlgorithm, signatureAlgorithms } from "./signature-algorithms.ts";

/** A public key. Made by the functions below, which check it. */
export class VerifyingKey<A extends SignatureAlgorithm = SignatureAlgorithm> {
  readonly algorithm: A;
  readonly #key: KeyObject;

  constructor(algorithm: A, key: KeyObject) {
    this.algorithm = algorithm;
    this.#key = key;
  }

  /** 1,952 octets of ML-DSA-65 (FIPS 204 §4), 32 of Ed25519, 65 of P-256 (uncompressed, SEC 1 §2.3.3). */
  raw(): Uint8Array {
    return plain(this.#key.export({ format: "raw-public" }));
  }

  /** SubjectPublicKeyInfo, DER. Source: RFC 5280 §4.1. */
  toSpki(): Uint8Array {
    return plain(this.#key.export({ format: "der", type: "spki" }));
  }

  equals(other: VerifyingKey): boolean {
    return this.#key.equals(other.#key);
  }

  /** The key as Node's tls and X509Certificate want it. Whoever has it can verify without a domain: use `verify` elsewhere. */
  publicKeyObject(): KeyObject {
    return this.#key;
  }
}

/** The key of so many octets as `raw` gives. Throws CRYPTO_KEY_INVALID and CRYPTO_KEY_WEAK. */
export function verifyingKeyFromRaw<A extends SignatureAlgorithm>(algorithm: A, raw: Uint8Array): VerifyingKey<A> {
  const { asymmetricKeyType, namedCurve, publicKeyLength } = signatureAlgorithms[algorithm];
  const key = checkLength(raw, publicKeyLength, `an ${algorithm} public key`);
  if (algorithm === "ed25519") checkPoint(key);
  const read = () => createPublicKey({ key, format: "raw-public", asymmetricKeyType, namedCurve });
  return new VerifyingKey(algorithm, checkedKey(`an ${algorithm} public key`, read));
}

/**
 * The key in a SubjectPublicKeyInfo (DER), of one of the accepted algorithms. It must be written as `toSpki` writes it: Node also takes
 * compressed points, and octets behind the end. Throws CRYPTO_KEY_INVALID, _ALGORITHM and _WEAK.
 */
export function verifyingKeyFromSpki<A extends SignatureAlgorithm = SignatureAlgorithm>(
  der: Uint8Array,
  accepted: readonly A[] = allSignatureAlgorithms as readonly A[],
): VerifyingKey<A> {
  const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  const read = () => createPublicKey({ key, format: "der", type: "spki" });
  const given = verifyingKeyOf(checkedKey("a SubjectPublicKeyInfo", read), accepted);
  // Node would write a compressed point as it was given.
  const verifyingKey = verifyingKeyFromRaw(given.algorithm, given.raw());
  if (key.equals(verifyingKey.toSpki())) return verifyingKey;
  throw new CryptoError(
    "CRYPTO_KEY_INVALID",
    "a SubjectPublicKeyInfo is written in an unusual way, or has octets behind its end; write it anew",
  );
}

/** The key that Node has read, as from a certificate, if it is of one of the accepted algorithms. Throws as its siblings do. */
export function verifyingKeyOf<A extends SignatureAlgorithm = SignatureAlgorithm>(
  key: KeyObject,
  accepted: readonly A[] = allSignatureAlgorithms as readonly A[],
): VerifyingKey<A> {
  if (key.type !== "public") {
    throw new CryptoError("CRYPTO_KEY_INVALID", `a ${key.type} key was given to verify with; give the public key`);
  }
  const algorithm = accepted.find((name) => isOf(key, name));
  if (algorithm === undefined) {
    const found = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
    throw new CryptoError("CRYPTO_KEY_ALGORITHM", `the key is of ${found}; what is accepted is ${accepted.join(", ")}`);
  }
  if (algorithm === "ed25519") checkPoint(plain(key.export({ format: "raw-public" })));
  return new VerifyingKey(algorithm, key);
}

function isOf(key: KeyObject, algorithm: SignatureAlgorithm): boolean {
  if (algorithm === "p-256") return key.asymmetricKeyDetails?.namedCurve === "prime256v1";
  return key.asymmetricKeyType === algorithm;
}

/** Node takes both; under a key of small order one signature suits many messages. */
function checkPoint(raw: Uint8Array): void {
  if (isSmallOrderEdwards(raw)) {
    throw new CryptoError(
      "CRYPTO_KEY_WEAK",
      "the ed25519 public key is a point of small order, which proves nothing; refuse its sender",
    );
  }
  if (!isCanonicalEdwards(raw)) {
    throw new CryptoError(
      "CRYPTO_KEY_INVALID",
      "the ed25519 public key is encoded in a second way (y ≥ p); RFC 8032 §5.1.3 refuses it",
    );
  }
}
