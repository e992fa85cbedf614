/** Why a handshake came to nothing. Each reason has a name for programs and a sentence that says what to do about it. */
import type { AbortReason } from "./handshake/failure.ts";

/** What is found before or outside the inner handshake, and so has no octet to tell it by. */
type OuterReason =
  | "wrong-version"
  | "wrong-group"
  | "wrong-cipher"
  | "wrong-signature"
  | "nothing-in-common"
  | "wrong-protocol"
  | "resumed"
  | "oversize"
  | "rate-limited"
  | "shed"
  | "cut-off"
  | "ended";

export type RefusalReason = AbortReason | OuterReason;

/** A handshake that was refused, by this end or by the other one. */
export interface Refusal {
  readonly by: "us" | "peer";
  readonly reason: RefusalReason;
  /** What was seen, for the log: a name, a date, the code of a library. Never a secret. */
  readonly detail: string;
  /** What is wrong and what to do, where whoever found it knows more than the general sentence. */
  readonly text?: string;
}

/** What each means and what to do; "it" is the end that was refused. */
const meanings: Readonly<Record<RefusalReason, string>> = {
  "no-certificate": "it showed no certificate; give it one of the tunnel's own CA",
  "unknown-authority": "no CA that the other trusts has signed its certificate; compare the CA files of both ends",
  "self-signed": "its certificate signed itself; have the tunnel's own CA sign one",
  "bad-signature":
    "a signature does not verify: its certificate was altered or is of another CA, or it has not the key of the certificate that it showed",
  "not-a-ca": "a certificate of its chain may not sign others, or not so far down; have the CA itself sign one",
  "wrong-role": "its certificate is for another role; a source needs a client's, a destination a server's",
  "name-not-allowed": "no name of its certificate is one that the other expects; see tunnel.allow and --server-name",
  expired: "its certificate has expired; renew it with `ropewalk cert`, and compare the clocks of both ends",
  "not-yet-valid": "its certificate is not valid yet; compare the clocks of both ends",
  revoked: "its CA has revoked its certificate; have a new one signed",
  "revocation-list-expired":
    "the other's list of revoked certificates is too old; put a new one there (`ropewalk cert crl`)",
  "revocation-list-missing":
    "the other has no list of revoked certificates for its CA; put one there (`ropewalk cert crl`)",
  "revocation-list-unusable":
    "the other's list of revoked certificates is not of its CA, or of a kind that is not understood; put the CA's own there",
  "wrong-algorithm": "its certificate is not for ML-DSA-65; have one signed that is",
  "bad-certificate":
    "its certificate cannot be read, or has what no certificate of a tunnel has; have a new one signed",
  "wrong-signature": "it cannot sign or verify with ML-DSA-65, which has no substitute here",
  "wrong-version": "it does not speak TLS 1.3, and no older version is spoken here",
  "wrong-group": "it does not offer the key exchange X25519MLKEM768, which has no substitute here",
  "wrong-cipher": "it does not offer TLS_AES_256_GCM_SHA384, which has no substitute here",
  "nothing-in-common":
    "the two ends have no key exchange, cipher or signature algorithm in common; here it is X25519MLKEM768, AES-256-GCM and ML-DSA-65 alone",
  "wrong-protocol": "it does not speak ropewalk-tunnel/1; is that the port of a tunnel?",
  resumed: "it took up an earlier TLS session, and every handshake here is a whole one",
  "peer-unpinned":
    "its certificate names no McEliece key, and mode hybrid needs one; have it signed with --out-kem-key",
  "kem-key-mismatch":
    "its McEliece key is not the one that its certificate names; compare tunnel.kem_key there with the certificate",
  "kem-failed": "the McEliece computation failed; the log of the end that refused says more",
  "mode-mismatch": "the two ends have different modes; set tunnel.mode alike at both",
  "role-mismatch": "both ends have the same role; one must be a source and the other a destination",
  "version-mismatch": "the two ends have no version of the protocol in common; update the older one",
  "malformed-message": "it sent what is no message of the protocol",
  "unexpected-message": "it sent a message that does not belong there",
  "finished-mismatch":
    "the two ends have seen different messages or hold different secrets; something between them altered them",
  deadline: "the handshake took too long; see whether the path carries what is sent",
  oversize: "it sent more than a handshake may hold before it had shown who it is",
  "rate-limited": "too many handshakes came from its network at once; try again in a few seconds",
  shed: "there were too many unfinished handshakes, and its was given up; try again in a few seconds",
  "cut-off": "the connection ended in the middle of the handshake; the log of the other end may say why",
  ended: "this end was stopped",
  unknown: "it is of a newer version and gave a reason that this one does not know; see its log",
};

export const refusalReasons = Object.keys(meanings) as readonly RefusalReason[];

/** One sentence for people: who refused whom, why, and what to do. */
export function describeRefusal({ by, reason, detail, text }: Refusal): string {
  const who = by === "us" ? "this end refused the other" : "the other end refused this one";
  const seen = detail === "" ? "" : ` (${detail})`;
  return `${who}, ${reason}${seen}: ${text ?? meanings[reason]}`;
}
