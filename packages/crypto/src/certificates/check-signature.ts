/** Signatures as X.509 carries them, checked by Node. */
import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { CertificateList } from "@peculiar/asn1-x509";
import { verifyRaw } from "../raw-signatures.ts";
import { verifyingKeyOf } from "../verifying-key.ts";
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
    const verifying = verifyingKeyOf(key);
    // What is signed names the algorithm too, and both must agree (RFC 5280 §5.1.1.2).
    if (tbsCertListRaw === undefined || tbsCertList.signature.algorithm !== used) return false;
    if (signatureAlgorithmOf(used) !== verifying.algorithm) return false;
    return verifyRaw(verifying, new Uint8Array(tbsCertListRaw), new Uint8Array(signature));
  } catch {
    return false;
  }
};
