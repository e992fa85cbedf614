/** Whether a peer's certificate is good now, by this end's own rules, whatever TLS thought of it; asked again while its session lives. */
import { isSignedBy } from "@ropewalk/crypto/certificates/check-signature";
import type { CertificateFacts, CrlFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import type { RefusalCode, SignatureCheck } from "@ropewalk/crypto/certificates/pure/verification";
import { verifyCertificate } from "@ropewalk/crypto/certificates/pure/verify-certificate";
import { isNameAllowed } from "../pure/allowed-names.ts";
import type { CertificateFault } from "../pure/handshake/failure.ts";
import type { Role } from "../pure/handshake/message.ts";
import type { Refusal } from "../pure/refusal.ts";

export interface Trust {
  readonly authorities: readonly CertificateFacts[];
  readonly crls: readonly CrlFacts[];
  /** Every CA must have a list of revoked certificates here. */
  readonly demandsCrl: boolean;
}

/** A peer as its certificate tells it. */
export interface Peer {
  readonly role: Role;
  readonly leaf: CertificateFacts;
  /** What came with it. */
  readonly intermediates: readonly CertificateFacts[];
}

export type PeerVerdict =
  | {
      readonly kind: "good";
      /** Milliseconds since 1970: when a certificate or a list ends that this rests on. */
      readonly until: number;
      /** The leaf first, the CA that is trusted last. */
      readonly chain: readonly CertificateFacts[];
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

const reasonOf: Readonly<Record<RefusalCode, CertificateFault>> = {
  "unknown-authority": "unknown-authority",
  "bad-signature": "bad-signature",
  "self-signed": "self-signed",
  expired: "expired",
  "not-yet-valid": "not-yet-valid",
  "wrong-role": "wrong-role",
  "not-a-ca": "not-a-ca",
  "path-too-long": "not-a-ca",
  "weak-algorithm": "wrong-algorithm",
  "unhandled-extension": "bad-certificate",
  revoked: "revoked",
  "crl-expired": "revocation-list-expired",
  "crl-not-yet-valid": "revocation-list-unusable",
  "crl-bad-signature": "revocation-list-unusable",
  "crl-unusable": "revocation-list-unusable",
  "crl-missing": "revocation-list-missing",
  "no-names": "bad-certificate",
  "kem-pin": "bad-certificate",
};

/** `now`: wall time. `allow`: names of which it must have one; undefined for any. */
export function judgePeer(
  { role, leaf, intermediates }: Peer,
  { authorities, crls, demandsCrl }: Trust,
  allow: readonly string[] | undefined,
  now: number,
  check: SignatureCheck = isSignedBy,
): PeerVerdict {
  const answer = verifyCertificate(
    {
      ...{ leaf, intermediates, authorities, crls, now },
      role: role === "source" ? "client" : "server",
      algorithms: ["ml-dsa-65"],
      demands: demandsCrl ? ["crl"] : [],
    },
    check,
  );
  if (answer.kind === "refused") return refused(reasonOf[answer.code], "", answer.text);
  if (!isNameAllowed(leaf.names, allow)) return refused("name-not-allowed", leaf.subject);
  return { kind: "good", until: answer.until, chain: answer.chain };
}

function refused(reason: CertificateFault, detail: string, text?: string): PeerVerdict {
  const refusal: Refusal = { by: "us", reason, detail, ...(text === undefined ? {} : { text }) };
  return { kind: "refused", refusal };
}

/** Remembers what a signature was found to be good for, so that the same CA, list or peer is computed for once. */
export function rememberedSignatures(check: SignatureCheck, most = 4096): SignatureCheck {
  const good = new Set<string>();
  return (signed, signer) => {
    const pair = `${signed.fingerprint} ${signer.fingerprint}`;
    if (good.has(pair)) return true;
    if (!check(signed, signer)) return false;
    const [oldest] = good;
    if (oldest !== undefined && good.size >= most) good.delete(oldest);
    good.add(pair);
    return true;
  };
}
