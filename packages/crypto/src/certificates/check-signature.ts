/** Signatures as X.509 carries them, checked by Node. */
import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { CertificateList } from "@peculiar/asn1-x509";
import { type VerifyingKey, verifyingKeyOf } from "../verifying-key.ts";
import { signatureAlgorithmOf } from "./pure/certificate-key.ts";
import type { SignatureCheck } from "./pure/verification.ts";

/** What `verifyCertificate` asks. Never throws: what cannot be checked was not signed. */
export const isSignedBy: SignatureCheck = (signed, signer) => {
  try {
    const key = new X509Certificate(Buffer.from(signer.der)).publicKey;
    if (signed.kind === "certificate") return new X509Certificate(Buffer.from(signed.der)).verify(key);
    const { tbsCertList, tbsCertListRaw, signatureAlgorithm, signature } = AsnConvert.parse(
      signed.der,
      CertificateList,
    );
    const used = signatureAlgorithm.algorithm;
    const verifying = verifyingKeyOf(createPublicKey(key.export({ format: "pem", type: "spki" })));
    // What is signed names the algorithm too, and both must agree (RFC 5280 §5.1.1.2).
    if (tbsCertListRaw === undefined || tbsCertList.signature.algorithm !== used) return false;
    if (signatureAlgorithmOf(used) !== verifying.algorithm) return false;
    return verifyRaw(verifying, new Uint8Array(tbsCertListRaw), new Uint8Array(signature));
  } catch {
    return false;
  }
};

/** Whether `key` signed these octets, as X.509 has it: P-256 with SHA-256 and in DER, and no domain put before them. */
export function verifyRaw(key: VerifyingKey, signed: Uint8Array, signature: Uint8Array): boolean {
  return verify(key.algorithm === "p-256" ? "sha256" : null, signed, key.publicKeyObject(), signature);
}
