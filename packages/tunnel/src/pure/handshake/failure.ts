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
  /** A code of a later version. */
  | "unknown";

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
];

export function abortCode(reason: AbortReason): number {
  return codes.find(([known]) => known === reason)?.[1] ?? 0;
}

export function abortReason(code: number): AbortReason {
  return codes.find(([, known]) => known === code)?.[0] ?? "unknown";
}
