/** The CA that issues: its certificate and its key, checked to belong together. */
import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { CryptoError } from "../errors.ts";
import type { SigningKey } from "../signing-key.ts";
import type { CertificateFacts } from "./pure/certificate-facts.ts";
import type { Issuer } from "./pure/issue-certificate.ts";
import { shownTime } from "./pure/verification.ts";
import { certificateSigner } from "./signer.ts";

/** A CA that may issue at `now`. Throws CRYPTO_ISSUER_UNFIT with what it lacks. */
export function createIssuer(ca: CertificateFacts, key: SigningKey, now: number): Issuer {
  const fault = faultOf(ca, key, now);
  if (fault !== undefined) throw new CryptoError("CRYPTO_ISSUER_UNFIT", `${ca.subject} cannot issue: ${fault}`);
  const signer = certificateSigner(key);
  // The identifier that the CA's own certificate tells, which other programs make in other ways.
  const identifier =
    ca.subjectKeyIdentifier === undefined ? signer.identifier : Uint8Array.fromHex(ca.subjectKeyIdentifier);
  return { name: subjectDer(ca.der), key: { ...signer, identifier } };
}

function faultOf(ca: CertificateFacts, key: SigningKey, now: number): string | undefined {
  if (!ca.isCa) return "it is the certificate of one end, not of a CA";
  if (ca.keyUsages?.includes("keyCertSign") === false) return "its certificate does not allow it";
  if (!new X509Certificate(Buffer.from(ca.der)).checkPrivateKey(key.privateKeyObject()))
    return "the key that was given is another one's; give the CA's own";
  const clock = `the clock here says ${shownTime(now)}`;
  if (now > ca.notAfter)
    return `it was good until ${shownTime(ca.notAfter)}, and ${clock}; make another CA, or set the clock`;
  if (now < ca.notBefore) return `it is good from ${shownTime(ca.notBefore)} on, and ${clock}; set the clock`;
  return undefined;
}

function subjectDer(der: Uint8Array): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(AsnConvert.parse(der, Certificate).tbsCertificate.subject));
}
