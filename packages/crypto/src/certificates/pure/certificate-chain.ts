/** Finds the ways from a certificate up to a trusted CA. Names and key identifiers only suggest a step; the signature decides it. */
import type { CertificateFacts, CrlFacts } from "./certificate-facts.ts";
import { type Refusal, refused, type SignatureCheck, type VerificationRequest } from "./verification.ts";

/** CAs in one chain, and signatures that are checked for one certificate: a peer sends intermediates, and must not choose the work. */
const longestChain = 8;
const mostChecks = 64;

type Chain = readonly CertificateFacts[];

/** Complete chains, each with the certificate first; or why there is none. */
export function findChains(request: VerificationRequest, isSignedBy: SignatureCheck): readonly Chain[] | Refusal {
  const { leaf, authorities, intermediates = [] } = request;
  const complete: Chain[] = [];
  let checks = 0;
  let hasBadSignature = false;
  const climb = (chain: Chain): void => {
    const top = chain.at(-1) ?? leaf;
    for (const candidate of [...authorities, ...intermediates]) {
      if (checks >= mostChecks || chain.length > longestChain) return;
      if (!maybeIssued(candidate, top) || chain.some(({ fingerprint }) => fingerprint === candidate.fingerprint))
        continue;
      checks += 1;
      if (!isSignedBy(top, candidate)) {
        hasBadSignature = true;
        continue;
      }
      if (authorities.includes(candidate)) complete.push([...chain, candidate]);
      else climb([...chain, candidate]);
    }
  };
  climb([leaf]);
  return complete.length > 0 ? complete : noChain(request, isSignedBy, hasBadSignature);
}

/** Whether the name of `candidate`, and its key's identifier where both tell one, are those of what signed `signed`. */
export function maybeIssued(candidate: CertificateFacts, signed: CertificateFacts | CrlFacts): boolean {
  return candidate.subject === signed.issuer && hasKeyFor(candidate, signed);
}

function hasKeyFor(
  candidate: CertificateFacts,
  { authorityKeyIdentifier: wanted }: CertificateFacts | CrlFacts,
): boolean {
  const { subjectKeyIdentifier: had } = candidate;
  return wanted === undefined || had === undefined || wanted === had;
}

function noChain(request: VerificationRequest, isSignedBy: SignatureCheck, hasBadSignature: boolean): Refusal {
  const { leaf, authorities } = request;
  const what = `the certificate of ${leaf.subject}`;
  if (hasBadSignature) {
    return refused(
      "bad-signature",
      `${what} has a signature that the CA it names, ${leaf.issuer}, did not make: it was changed, or forged`,
    );
  }
  if (leaf.subject === leaf.issuer && isSignedBy(leaf, leaf)) {
    return refused("self-signed", `${what} vouches for itself; have a CA that is trusted here issue one`);
  }
  if (authorities.some(({ subject }) => subject === leaf.issuer)) {
    const text = `${what} was issued by another CA that is called ${leaf.issuer} too, with another key; give that one, or issue anew`;
    return refused("unknown-authority", text);
  }
  const given =
    authorities.length === 0 ? "none is" : `trusted is ${authorities.map(({ subject }) => subject).join("; ")}`;
  return refused("unknown-authority", `${what} was issued by ${leaf.issuer}, which is not trusted here: ${given}`);
}
