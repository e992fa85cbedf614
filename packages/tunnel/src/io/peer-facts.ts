/** What is known of a peer from its certificate, and whether it may be a peer. */
import type { X509Certificate } from "node:crypto";
import type { CertificateFault } from "../pure/handshake/failure.ts";
import type { Role } from "../pure/handshake/message.ts";

export interface PeerFacts {
  /** The leaf, as DER. */
  readonly certificate: Uint8Array;
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal. */
  readonly serial: string;
  /** "DNS:name", "URI:urn:…", "IP:address". */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string;
}

export type PeerVerdict =
  | { readonly kind: "good"; readonly peer: PeerFacts }
  | { readonly kind: "refused"; readonly reason: CertificateFault; readonly detail: string };

/** OIDs of extended key usages. Source: RFC 5280 §4.2.1.12. */
const usageOf: Readonly<Record<Role, string>> = { source: "1.3.6.1.5.5.7.3.2", destination: "1.3.6.1.5.5.7.3.1" };

export function judgePeer(certificate: X509Certificate, role: Role, allow: readonly string[] | undefined): PeerVerdict {
  const peer = factsOf(certificate);
  if (!certificate.keyUsage?.includes(usageOf[role]))
    return { kind: "refused", reason: "wrong-role", detail: peer.subject };
  const isAllowed =
    allow === undefined || peer.names.some((name) => allow.includes(name.replace(/^(DNS|URI|IP):/, "")));
  if (!isAllowed) return { kind: "refused", reason: "name-not-allowed", detail: peer.names.join(", ") };
  return { kind: "good", peer };
}

function factsOf(certificate: X509Certificate): PeerFacts {
  return {
    certificate: new Uint8Array(certificate.raw),
    subject: certificate.subject,
    issuer: certificate.issuer,
    serial: certificate.serialNumber.toLowerCase(),
    names: (certificate.subjectAltName ?? "").split(", ").filter((name) => name !== ""),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}
