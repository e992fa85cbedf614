/** What is asked when a certificate is to be trusted, and what may be answered. */
import type { SignatureAlgorithm } from "../../signature-algorithms.ts";
import type { CertificateFacts, CrlFacts } from "./certificate-facts.ts";
import type { CertificateRole } from "./extensions.ts";

export type RefusalCode =
  /** No CA that was given issued it, by way of intermediates or without. */
  | "unknown-authority"
  /** A CA of that name was given, and its key did not make the signature. */
  | "bad-signature"
  /** It vouches for itself. */
  | "self-signed"
  /** It, or a CA above it, is past its end. */
  | "expired"
  /** It, or a CA above it, has not begun. */
  | "not-yet-valid"
  /** It is not for that end of a connection, or is a CA's. */
  | "wrong-role"
  /** What issued it may not issue certificates. */
  | "not-a-ca"
  /** More CAs stand between it and one above than that one allows. */
  | "path-too-long"
  /** A key or a signature in the chain is of an algorithm that is not accepted. */
  | "weak-algorithm"
  /** Something in the chain is restricted in a way that is not understood here. */
  | "unhandled-extension"
  /** Its CA took it back. */
  | "revoked"
  /** The revocation list is past the time of the next: nothing is known of what was revoked since. */
  | "crl-expired"
  | "crl-not-yet-valid"
  /** The revocation list was not signed by the CA whose name it bears. */
  | "crl-bad-signature"
  /** The revocation list is of a kind that is not understood here: of a part of the certificates, or of changes only. */
  | "crl-unusable"
  /** A list was demanded of every CA, and of one there is none. */
  | "crl-missing"
  /** It names nobody: no DNS name, address or URI. */
  | "no-names"
  /** Its pin of a McEliece key cannot be told, or one was demanded and there is none. */
  | "kem-pin";

export interface Refusal {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** What is wrong, of what, and what to do. */
  readonly text: string;
}

export interface Trust {
  readonly kind: "trusted";
  /** The certificate itself first, the CA that was given last. */
  readonly chain: readonly CertificateFacts[];
  /** Milliseconds since 1970: when something in the chain, or a revocation list, ends. After it the answer is another. */
  readonly until: number;
}

export type Verification = Trust | Refusal;

export interface VerificationRequest {
  readonly leaf: CertificateFacts;
  /** What came with it, to be believed only as far as signatures go. */
  readonly intermediates?: readonly CertificateFacts[];
  /** CAs that are trusted, whoever stands above them. */
  readonly authorities: readonly CertificateFacts[];
  readonly crls: readonly CrlFacts[];
  /** Wall time, milliseconds since 1970. */
  readonly now: number;
  /** Undefined where it does not matter. */
  readonly role: CertificateRole | undefined;
  /** Accepted for keys and signatures; default is all that Ropewalk makes. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** What must be there besides. */
  readonly demands?: readonly ("crl" | "kem-pin")[];
}

/** Whether the key of `signer` made the signature of `signed`. */
export type SignatureCheck = (signed: CertificateFacts | CrlFacts, signer: CertificateFacts) => boolean;

export function refused(code: RefusalCode, text: string): Refusal {
  return { kind: "refused", code, text };
}

/** The time as people and logs have it: "2026-11-22T04:00:00Z". */
export function shownTime(wall: number): string {
  return Math.abs(wall) > 8.64e15 ? "a time out of range" : new Date(wall).toISOString().replace(/\.\d{3}Z$/, "Z");
}
