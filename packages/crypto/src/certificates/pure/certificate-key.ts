/** What certificates need of a key: its algorithm, its public half as certificates carry it, and, to issue, its signature. */
import { allSignatureAlgorithms, type SignatureAlgorithm } from "../../signature-algorithms.ts";
import { objectIdentifier, sequence } from "./der.ts";
import { oid } from "./object-identifiers.ts";

export interface CertifiedKey {
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7). */
  readonly publicKey: Uint8Array;
  /** 20 octets: the beginning of a SHA-256 (RFC 7093 §2, method 1). */
  readonly identifier: Uint8Array;
}

export interface CertificateSigner extends CertifiedKey {
  /** The signature as X.509 carries it: over the octets themselves, with no domain put before them. */
  readonly sign: (octets: Uint8Array) => Uint8Array;
}

const signatureOids: Readonly<Record<SignatureAlgorithm, string>> = {
  "ml-dsa-65": oid.mlDsa65,
  "p-256": oid.ecdsaWithSha256,
  ed25519: oid.ed25519,
};

/** AlgorithmIdentifier of a signature: of none of the three it has parameters (RFC 9881 §2, RFC 5758 §3.2, RFC 8410 §3). */
export function signatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  return sequence(objectIdentifier(signatureOids[algorithm]));
}

/** The algorithm with this identifier of signatures; the identifier itself where it is none of ours. */
export function signatureAlgorithmOf(dotted: string): string {
  return allSignatureAlgorithms.find((algorithm) => signatureOids[algorithm] === dotted) ?? dotted;
}
