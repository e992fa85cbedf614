/**
 * Who a peer is, as far as a session is concerned: the CA that vouches for it, and the names that it vouches for. A new certificate
 * of the same names is the same peer.
 */
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { kemPinPrefix } from "@ropewalk/crypto/certificates/pure/kem-pin";

export interface PeerIdentity {
  /** The CA's subject. */
  readonly authority: string;
  /** What identifies the CA's key, hexadecimal. */
  readonly authorityKey: string;
  /** Of the certificate, sorted. */
  readonly names: readonly string[];
  /** Of a certificate that names nobody, hexadecimal: it is no other's peer. */
  readonly certificate: string | undefined;
}

/** `chain`: the peer's own first, the trusted CA last. */
export function peerIdentity(chain: readonly CertificateFacts[]): PeerIdentity {
  const [leaf, ca] = [chain[0], chain.at(-1)];
  const { dns = [], ip = [], uri = [], email = [] } = leaf?.names ?? {};
  // The pin of a KEM key is none of a peer's names: another key does not make another peer.
  const names = [...dns, ...ip, ...uri.filter((name) => !name.startsWith(kemPinPrefix)), ...email];
  return {
    authority: ca?.subject ?? "",
    authorityKey: ca?.subjectKeyIdentifier ?? ca?.fingerprint ?? "",
    names: names.toSorted(),
    certificate: names.length === 0 ? leaf?.fingerprint : undefined,
  };
}

export function isSamePeer(one: PeerIdentity, other: PeerIdentity): boolean {
  return (
    one.authority === other.authority &&
    one.authorityKey === other.authorityKey &&
    one.certificate === other.certificate &&
    one.names.length === other.names.length &&
    one.names.every((name, index) => name === other.names[index])
  );
}
