/** Certificate requests as others wrote them, PEM or DER: read, and only given on when they prove that the key is held. */
import { CertificationRequest } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Extensions } from "@peculiar/asn1-x509";
import { CryptoError } from "../errors.ts";
import { verifyRaw } from "../raw-signatures.ts";
import { verifyingKeyFromSpki } from "../verifying-key.ts";
import { asn1Readers } from "./asn1-readers.ts";
import { checked, checkWhole, extensionsOf, fingerprintOf, nameText, readNames } from "./asn1-reading.ts";
import { invalid, readDocumentsOf } from "./document.ts";
import type { ReadNames, RequestFacts } from "./pure/certificate-facts.ts";
import { signatureAlgorithmOf } from "./pure/certificate-key.ts";
import { kemPinOf } from "./pure/kem-pin.ts";
import { oid } from "./pure/object-identifiers.ts";

/**
 * The one request in `bytes`. Throws CRYPTO_DOCUMENT_INVALID, CRYPTO_DOCUMENT_KIND, CRYPTO_REQUEST_UNPROVED when it was not signed
 * by its own key, and CRYPTO_KEY_ALGORITHM or CRYPTO_KEY_WEAK for a key that nothing here would trust.
 */
export function readRequest(bytes: Uint8Array): RequestFacts {
  const [der, ...more] = readDocumentsOf("request", bytes, asn1Readers);
  if (der === undefined || more.length > 0) throw invalid(`it holds ${more.length + 1} requests, and one is expected`);
  return requestFacts(der);
}

/** One request in DER. Throws as `readRequest` does. */
export function requestFacts(der: Uint8Array): RequestFacts {
  return checked("a certificate request", () => {
    const request = AsnConvert.parse(der, CertificationRequest);
    const {
      certificationRequestInfo: body,
      certificationRequestInfoRaw: signed,
      signatureAlgorithm,
      signature,
    } = request;
    checkWhole(der, signed, signatureAlgorithm, signature);
    const key = verifyingKeyFromSpki(new Uint8Array(AsnConvert.serialize(body.subjectPKInfo)));
    const isProved =
      signed !== undefined &&
      signatureAlgorithmOf(signatureAlgorithm.algorithm) === key.algorithm &&
      verifyRaw(key, new Uint8Array(signed), new Uint8Array(signature));
    if (!isProved) {
      throw new CryptoError(
        "CRYPTO_REQUEST_UNPROVED",
        "the request was not signed by its own key: it was changed, or the key is not the asker's; ask for another",
      );
    }
    const names = askedNames(body);
    const pin = kemPinOf(names.uri);
    return {
      kind: "request",
      subject: nameText(body.subject),
      commonName: [...body.subject]
        .flatMap((relative) => [...relative])
        .findLast(({ type }) => type === oid.commonName)
        ?.value.toString(),
      names,
      kemPin: pin.kind === "pinned" ? pin.hash : undefined,
      keyAlgorithm: key.algorithm,
      signatureAlgorithm: key.algorithm,
      publicKey: key.toSpki(),
      fingerprint: fingerprintOf(der),
      der,
    };
  });
}

function askedNames(body: CertificationRequest["certificationRequestInfo"]): ReadNames {
  const asked = [...(body.attributes ?? [])]
    .filter(({ type }) => type === oid.extensionRequest)
    .flatMap(({ values }) => values);
  if (asked.length > 1) throw invalid("the request asks twice");
  const list = asked.flatMap((value) => [...AsnConvert.parse(value, Extensions)]);
  return readNames(extensionsOf(list).get(oid.subjectAltName));
}
