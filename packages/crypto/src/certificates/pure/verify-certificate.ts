/**
 * Whether a certificate is to be trusted, and if not, why: a decision over facts that were read elsewhere, at a time that is an
 * argument. Source: RFC 5280 §6.1, without policies and name constraints, which are refused where they occur.
 */
import { allSignatureAlgorithms } from "../../signature-algorithms.ts";
import { findChains } from "./certificate-chain.ts";
import type { CertificateFacts } from "./certificate-facts.ts";
import { kemPinOf } from "./kem-pin.ts";
import { judgeRevocation } from "./revocation.ts";
import {
  type Refusal,
  refused,
  type SignatureCheck,
  shownTime,
  type Verification,
  type VerificationRequest,
} from "./verification.ts";

const day = 86_400_000;

/** Trusted, with the chain that shows it; or refused, with the first reason of the likeliest chain. */
export function verifyCertificate(request: VerificationRequest, isSignedBy: SignatureCheck): Verification {
  const chains = findChains(request, isSignedBy);
  if (!isList(chains)) return chains;
  const judged = chains.map((chain) => judgeChain(chain, request, isSignedBy));
  const trusted = judged.find(({ kind }) => kind === "trusted");
  return (
    trusted ?? judged[0] ?? refused("unknown-authority", `nothing leads from ${request.leaf.subject} to a trusted CA`)
  );
}

function isList<T>(value: readonly T[] | Refusal): value is readonly T[] {
  return Array.isArray(value);
}

function judgeChain(
  chain: readonly CertificateFacts[],
  request: VerificationRequest,
  isSignedBy: SignatureCheck,
): Verification {
  const refusal =
    judgeAlgorithms(chain, request) ??
    judgeAuthorities(chain) ??
    judgeTimes(chain, request.now) ??
    judgeLeaf(chain, request);
  if (refusal !== undefined) return refusal;
  let until = Math.min(...chain.map(({ notAfter }) => notAfter));
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    const standing = issuer && judgeRevocation(certificate, issuer, request, isSignedBy);
    if (standing?.kind === "refused") return standing;
    if (standing !== undefined) until = Math.min(until, standing.until);
  }
  return { kind: "trusted", chain, until };
}

/** What a trusted CA is signed with itself does not matter: nobody relies on that signature. */
function judgeAlgorithms(chain: readonly CertificateFacts[], request: VerificationRequest): Refusal | undefined {
  const accepted: readonly string[] = request.algorithms ?? allSignatureAlgorithms;
  for (const [index, { subject, keyAlgorithm, signatureAlgorithm }] of chain.entries()) {
    const isTrustedCa = index === chain.length - 1;
    const used = isTrustedCa ? [keyAlgorithm] : [keyAlgorithm, signatureAlgorithm];
    const weak = used.find((algorithm) => !accepted.includes(algorithm));
    if (weak !== undefined) {
      const text = `the certificate of ${subject} uses ${weak}; accepted here is ${accepted.join(", ")}; issue another`;
      return refused("weak-algorithm", text);
    }
  }
  return undefined;
}

function judgeAuthorities(chain: readonly CertificateFacts[]): Refusal | undefined {
  let below = 0;
  for (const [index, certificate] of chain.entries()) {
    const { subject, issuer, isCa, pathLength, keyUsages, unhandledExtensions } = certificate;
    if (unhandledExtensions.length > 0) {
      const text = `the certificate of ${subject} is restricted in a way that is not understood here: ${unhandledExtensions.join(", ")}`;
      return refused("unhandled-extension", text);
    }
    if (index === 0) continue;
    if (!isCa || keyUsages?.includes("keyCertSign") === false)
      return refused(
        "not-a-ca",
        `${subject}, which issued ${chain[index - 1]?.subject}, is no CA and may not issue certificates`,
      );
    if (pathLength !== undefined && below > pathLength) {
      const text = `below the CA ${subject} may stand ${pathLength} further ones, and ${below} do; issue from a CA further up`;
      return refused("path-too-long", text);
    }
    // RFC 5280 §6.1.4 (l): one that only passes its own name on, as when a CA changes its key, is not counted.
    if (subject !== issuer) below += 1;
  }
  return undefined;
}

function judgeTimes(chain: readonly CertificateFacts[], now: number): Refusal | undefined {
  const made = Math.min(...chain.map(({ notBefore }) => notBefore));
  for (const { subject, notBefore, notAfter, isCa } of chain) {
    const what = `the certificate of ${isCa ? "the CA " : ""}${subject}`;
    const here = `the clock here says ${shownTime(now)}`;
    if (now < notBefore) {
      const isOff = now < made - day;
      const cure = isOff
        ? `which is before any certificate of the chain was made: the clock is probably wrong; set it`
        : "set the clock, or wait";
      return refused(
        "not-yet-valid",
        `${what} is good from ${shownTime(notBefore)} on, and ${here}${isOff ? ", " : "; "}${cure}`,
      );
    }
    if (now > notAfter) {
      const isOff = now > notAfter + 365 * day;
      const cure = isOff ? `years later: either the clock is wrong, or it must be issued anew` : "issue another";
      return refused(
        "expired",
        `${what} was good until ${shownTime(notAfter)}, and ${here}${isOff ? ", " : "; "}${cure}`,
      );
    }
  }
  return undefined;
}

function judgeLeaf(chain: readonly CertificateFacts[], request: VerificationRequest): Refusal | undefined {
  const { leaf, role, demands } = request;
  const what = `the certificate of ${leaf.subject}`;
  if (leaf.isCa) return refused("wrong-role", `${what} is a CA's; it is for issuing, not for connections`);
  const usage = { server: "serverAuth", client: "clientAuth" } as const;
  if (role !== undefined) {
    const isFor = (each: CertificateFacts, isOpen: boolean) => each.extendedKeyUsages?.includes(usage[role]) ?? isOpen;
    if (leaf.keyUsages?.includes("digitalSignature") === false || !chain.every((each) => isFor(each, each !== leaf)))
      return refused(
        "wrong-role",
        `${what} is not for a ${role} (${leaf.extendedKeyUsages?.join(", ") ?? "for nothing in particular"}); issue one: ropewalk cert ${role}`,
      );
  }
  const { dns, ip, uri } = leaf.names;
  const pin = kemPinOf(uri);
  if (dns.length + ip.length + uri.length === (pin.kind === "pinned" ? 1 : 0))
    return refused(
      "no-names",
      `${what} has no DNS name, address or URI to know it by; issue one with --dns, --ip or --uri`,
    );
  if (pin.kind === "faulty") return refused("kem-pin", `${what} cannot be used: ${pin.text}; issue another`);
  if (pin.kind === "none" && demands?.includes("kem-pin") === true)
    return refused("kem-pin", `${what} pins no McEliece key; issue one with --out-kem-key`);
  return undefined;
}
