/**
 * Signatures without a domain, as X.509 defines them: for the writer of certificates, requests and revocation lists, and nobody else.
 * A protocol of Ropewalk signs with `signatures.ts`.
 */
import { sign, verify } from "node:crypto";
import { plain } from "./pure/octets.ts";
import type { SignatureAlgorithm } from "./signature-algorithms.ts";
import type { SigningKey } from "./signing-key.ts";
import type { VerifyingKey } from "./verifying-key.ts";

/** As X.509 wants it: P-256 with SHA-256 as DER (RFC 5758 §3.2), the others as they are (RFC 8410 §6, RFC 9881 §3). */
export function signRaw(key: SigningKey, message: Uint8Array): Uint8Array {
  return plain(sign(hashOf(key.algorithm), message, key.privateKeyObject()));
}

/** Whether `signature` is one of `signRaw`; never throws, whatever its octets. */
export function verifyRaw(key: VerifyingKey, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(hashOf(key.algorithm), message, key.publicKeyObject(), signature);
}

function hashOf(algorithm: SignatureAlgorithm): "sha256" | null {
  return algorithm === "p-256" ? "sha256" : null;
}
