/**
 * Signatures over a domain and parts. The parts are framed, so that octets cannot move from one into the next; the domain is ML-DSA's
 * own context string, and for Ed25519 and P-256, which have none in common use, the first part.
 */
import { sign as nodeSign, verify as nodeVerify } from "node:crypto";
import { framed, plain, utf8 } from "./pure/octets.ts";
import type { SignatureAlgorithm } from "./signature-algorithms.ts";
import type { SignatureDomain } from "./signature-domains.ts";
import type { SigningKey } from "./signing-key.ts";
import type { VerifyingKey } from "./verifying-key.ts";

interface Terms {
  /** What ECDSA signs the hash of; the others take the message whole. */
  readonly hash: "sha256" | null;
  readonly message: Uint8Array;
  /** Of fixed length, as r ‖ s (IEEE P1363), where Node would write DER. */
  readonly options: { readonly dsaEncoding?: "ieee-p1363"; readonly context?: Uint8Array };
}

/** A signature: 3,309 octets of ML-DSA-65, 64 of Ed25519 and P-256. Source: FIPS 204 §5.2, RFC 8032 §5.1.6, FIPS 186-5 §6.4. */
export function sign(key: SigningKey, domain: SignatureDomain, ...parts: readonly Uint8Array[]): Uint8Array {
  const { hash, message, options } = termsOf(key.algorithm, domain, parts);
  return plain(nodeSign(hash, message, { key: key.privateKeyObject(), ...options }));
}

/**
 * Whether `signature` was made with `key`'s private half for this domain over these parts; never throws, whatever its octets.
 * With P-256 anybody can make a second valid signature out of one: do not take a signature for the name of what it signs.
 */
export function verify(
  key: VerifyingKey,
  domain: SignatureDomain,
  signature: Uint8Array,
  ...parts: readonly Uint8Array[]
): boolean {
  const { hash, message, options } = termsOf(key.algorithm, domain, parts);
  return nodeVerify(hash, message, { key: key.publicKeyObject(), ...options }, signature);
}

function termsOf(algorithm: SignatureAlgorithm, domain: SignatureDomain, parts: readonly Uint8Array[]): Terms {
  switch (algorithm) {
    case "ml-dsa-65":
      return { hash: null, message: framed(...parts), options: { context: utf8(domain) } };
    case "ed25519":
      return { hash: null, message: framed(utf8(domain), ...parts), options: {} };
    case "p-256":
      return { hash: "sha256", message: framed(utf8(domain), ...parts), options: { dsaEncoding: "ieee-p1363" } };
  }
}
