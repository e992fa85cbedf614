/** Whether a CA has taken a certificate back. A list that cannot be relied upon refuses: what is not known is not good. */

import { maybeIssued } from "./certificate-chain.ts";
import type { CertificateFacts, CrlFacts } from "./certificate-facts.ts";
import { type Refusal, refused, type SignatureCheck, shownTime, type VerificationRequest } from "./verification.ts";

/** Against `issuer`'s newest list: the refusal, or until when the list stands; undefined when there is none and none is demanded. */
export function judgeRevocation(
  certificate: CertificateFacts,
  issuer: CertificateFacts,
  request: VerificationRequest,
  isSignedBy: SignatureCheck,
): Refusal | { readonly kind: "standing"; readonly until: number } | undefined {
  const lists = request.crls.filter((crl) => maybeIssued(issuer, crl));
  const whose = `the revocation list of ${issuer.subject}`;
  const [first, ...others] = lists;
  if (first === undefined) {
    if (request.demands?.includes("crl") !== true) return undefined;
    return refused("crl-missing", `${whose} is not here; make one: ropewalk cert crl`);
  }
  for (const crl of lists) {
    const fault = faultOf(crl, issuer, whose, isSignedBy);
    if (fault !== undefined) return fault;
  }
  const newest = others.reduce(newer, first);
  if (newest.revoked.some(({ serial }) => serial === certificate.serial)) {
    return refused(
      "revoked",
      `the certificate of ${certificate.subject}, serial ${certificate.serial}, was revoked by its CA; issue another`,
    );
  }
  return judgeTime(newest, whose, request.now) ?? { kind: "standing", until: newest.nextUpdate };
}

function faultOf(
  crl: CrlFacts,
  issuer: CertificateFacts,
  whose: string,
  isSignedBy: SignatureCheck,
): Refusal | undefined {
  if (issuer.keyUsages?.includes("cRLSign") === false)
    return refused("crl-bad-signature", `${whose} is signed by a CA that may not sign such lists`);
  if (crl.signatureAlgorithm !== issuer.keyAlgorithm || !isSignedBy(crl, issuer))
    return refused(
      "crl-bad-signature",
      `${whose} was not signed by it: the list was changed, or forged; fetch it again`,
    );
  if (crl.unhandledExtensions.length > 0)
    return refused(
      "crl-unusable",
      `${whose} is of a kind that is not understood here (${crl.unhandledExtensions.join(", ")}); give a whole list`,
    );
  return undefined;
}

/** Of two lists of one CA, the one that counts. */
export function newer(one: CrlFacts, other: CrlFacts): CrlFacts {
  const byNumber = (other.number ?? -1n) - (one.number ?? -1n);
  return byNumber > 0n || (byNumber === 0n && other.thisUpdate > one.thisUpdate) ? other : one;
}

function judgeTime(crl: CrlFacts, whose: string, now: number): Refusal | undefined {
  const here = `the clock here says ${shownTime(now)}`;
  if (now > crl.nextUpdate)
    return refused(
      "crl-expired",
      `${whose} was good until ${shownTime(crl.nextUpdate)} (${here}); make or fetch the next one: ropewalk cert crl`,
    );
  if (now < crl.thisUpdate)
    return refused(
      "crl-not-yet-valid",
      `${whose} is of ${shownTime(crl.thisUpdate)}, and ${here}, which may be wrong; set the clock`,
    );
  return undefined;
}
