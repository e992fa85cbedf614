/** The certificates that a peer showed, as facts, and what is thought of them. */
import type { X509Certificate } from "node:crypto";
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import type { SignatureCheck } from "@ropewalk/crypto/certificates/pure/verification";
import { certificateFacts } from "@ropewalk/crypto/certificates/read-certificate";
import { CryptoError } from "@ropewalk/crypto/errors";
import type { CertificateFault } from "../pure/handshake/failure.ts";
import type { Role } from "../pure/handshake/message.ts";
import type { Refusal } from "../pure/refusal.ts";
import { judgePeer, type Peer, type Trust } from "./peer-verdict.ts";

/** A chain may not be longer, whatever the peer sends. */
const longestChain = 8;

/** Throws CryptoError for what cannot be read. */
function peerOf(certificate: X509Certificate, role: Role): Peer {
  const intermediates: CertificateFacts[] = [];
  let above = certificate.issuerCertificate;
  while (above !== undefined && intermediates.length < longestChain) {
    const facts = certificateFacts(new Uint8Array(above.raw));
    if (facts.subject === facts.issuer) break;
    intermediates.push(facts);
    above = above.issuerCertificate;
  }
  return { role, leaf: certificateFacts(new Uint8Array(certificate.raw)), intermediates };
}

export interface ShownPeer {
  readonly kind: "good";
  readonly peer: Peer;
  readonly chain: readonly CertificateFacts[];
  readonly until: number;
}

export interface JudgingRules {
  readonly trust: Trust;
  readonly allow: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly check: SignatureCheck;
}

/** By this end's own rules first, for those say more, and by OpenSSL's besides. */
export function judgeShown(
  { certificate, fault }: { readonly certificate: X509Certificate; readonly fault: CertificateFault | undefined },
  role: Role,
  { trust, allow, now, check }: JudgingRules,
): ShownPeer | { readonly kind: "refused"; readonly refusal: Refusal } {
  try {
    const peer = peerOf(certificate, role === "source" ? "destination" : "source");
    const verdict = judgePeer(peer, trust, allow, now, check);
    if (verdict.kind === "refused") return verdict;
    if (fault !== undefined) return { kind: "refused", refusal: { by: "us", reason: fault, detail: "says OpenSSL" } };
    return { ...verdict, peer };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { kind: "refused", refusal: { by: "us", reason: "bad-certificate", detail: error.message } };
  }
}
