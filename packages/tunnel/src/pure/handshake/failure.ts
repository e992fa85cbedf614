/** Why an inner handshake ends without a session, and the octet by which one end tells the other. */

/** Told to the peer: each is a fault of what it sent, or of how the two ends are set up. */
export type AbortReason =
  /** A message that nobody may send at this point, or twice. */
  | "unexpected-message"
  /** A message of a type, length or content that there is not. */
  | "malformed-message"
  | "version-mismatch"
  /** The peer claims the role that this end has. */
  | "role-mismatch"
  | "mode-mismatch"
  /** The peer's certificate pins no KEM key, and hybrid mode needs one. */
  | "peer-unpinned"
  /** The key that the peer sent is not the one that its certificate pins. */
  | "kem-key-mismatch"
  | "kem-failed"
  /** The two ends have not seen the same messages, or do not share the same secrets. */
  | "finished-mismatch"
  | "deadline"
  | CertificateFault
  /** A code of a later version. */
  | "unknown";

/** What is wrong with the peer's certificate, found when TLS is done and before anything else is said. */
export type CertificateFault =
  | "no-certificate"
  | "unknown-authority"
  | "self-signed"
  | "bad-signature"
  /** A certificate of the chain may not sign others. */
  | "not-a-ca"
  /** A client's where a server's belongs, or the other way round. */
  | "wrong-role"
  | "name-not-allowed"
  | "expired"
  | "not-yet-valid"
  | "revoked"
  | "revocation-list-expired"
  | "revocation-list-missing"
  | "revocation-list-unusable"
  | "wrong-algorithm"
  /** It cannot be read, or has what no certificate of a tunnel has. */
  | "bad-certificate";

export type HandshakeFailure =
  | { readonly kind: "aborted"; readonly reason: AbortReason }
  | { readonly kind: "peer-aborted"; readonly reason: AbortReason };

const codes: readonly [AbortReason, number][] = [
  ["unknown", 0],
  ["unexpected-message", 1],
  ["malformed-message", 2],
  ["version-mismatch", 3],
  ["role-mismatch", 4],
  ["mode-mismatch", 5],
  ["peer-unpinned", 6],
  ["kem-key-mismatch", 7],
  ["kem-failed", 8],
  ["finished-mismatch", 9],
  ["deadline", 10],
  ["no-certificate", 32],
  ["unknown-authority", 33],
  ["self-signed", 34],
  ["bad-signature", 35],
  ["not-a-ca", 36],
  ["wrong-role", 37],
  ["name-not-allowed", 38],
  ["expired", 39],
  ["not-yet-valid", 40],
  ["revoked", 41],
  ["revocation-list-expired", 42],
  ["revocation-list-missing", 43],
  ["wrong-algorithm", 44],
  ["bad-certificate", 45],
  ["revocation-list-unusable", 46],
];

export function abortCode(reason: AbortReason): number {
  return codes.find(([known]) => known === reason)?.[1] ?? 0;
}

/** Whether the other end can be told. */
export function isAbortReason(reason: string): reason is AbortReason {
  return codes.some(([known]) => known === reason);
}

export function abortReason(code: number): AbortReason {
  return codes.find(([, known]) => known === code)?.[0] ?? "unknown";
}
