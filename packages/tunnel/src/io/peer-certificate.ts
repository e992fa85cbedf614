/** The certificates that a peer showed, as facts, and what is thought of them. */
import type { X509Certificate } from "node:crypto";
import { isSignedBy } from "@ropewalk/crypto/certificates/check-signature";
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import type { SignatureCheck } from "@ropewalk/crypto/certificates/pure/verification";
import { certificateFacts } from "@ropewalk/crypto/certificates/read-certificate";
import { CryptoError } from "@ropewalk/crypto/errors";
import type { CertificateFault } from "../pure/handshake/failure.ts";
import type { Role } from "../pure/handshake/message.ts";
import type { Refusal } from "../pure/refusal.ts";
import { judgePeer, type Peer, rememberedSignatures, type Trust } from "./peer-verdict.ts";

/** A chain may not be longer, whatever the peer sends. */
const longestChain = 8;

/** How certificates are read and signatures checked. */
export interface CertificateReading {
  /** Throws CryptoError for what cannot be read. */
  readonly facts: (certificate: X509Certificate) => CertificateFacts;
  readonly check: SignatureCheck;
}

/** Remembers what it read, for most peers come again and again: to read one takes as long as to check three signatures. */
export function rememberingReading(most = 256): CertificateReading {
  const known = new Map<string, CertificateFacts>();
  const facts = (certificate: X509Certificate): CertificateFacts => {
    const found = known.get(certificate.fingerprint256);
    if (found !== undefined) return found;
    const read = certificateFacts(new Uint8Array(certificate.raw));
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= most) known.delete(oldest);
    known.set(certificate.fingerprint256, read);
    return read;
  };
  return { facts, check: rememberedSignatures(isSignedBy) };
}

function peerOf(certificate: X509Certificate, role: Role, { facts }: CertificateReading): Peer {
  const intermediates: CertificateFacts[] = [];
  let above = certificate.issuerCertificate;
  while (above !== undefined && intermediates.length < longestChain) {
    const read = facts(above);
    if (read.subject === read.issuer) break;
    intermediates.push(read);
    above = above.issuerCertificate;
  }
  return { role, leaf: facts(certificate), intermediates };
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
  readonly reading: CertificateReading;
}

/** By this end's own rules first, for those say more, and by OpenSSL's besides. */
export function judgeShown(
  { certificate, fault }: { readonly certificate: X509Certificate; readonly fault: CertificateFault | undefined },
  role: Role,
  { trust, allow, now, reading }: JudgingRules,
): ShownPeer | { readonly kind: "refused"; readonly refusal: Refusal } {
  try {
    const peer = peerOf(certificate, role === "source" ? "destination" : "source", reading);
    const verdict = judgePeer(peer, trust, allow, now, reading.check);
    if (verdict.kind === "refused") return verdict;
    if (fault !== undefined) return { kind: "refused", refusal: { by: "us", reason: fault, detail: "says OpenSSL" } };
    return { ...verdict, peer };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { kind: "refused", refusal: { by: "us", reason: "bad-certificate", detail: error.message } };
  }
}
