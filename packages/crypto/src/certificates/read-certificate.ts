/** Certificates as others wrote them, PEM or DER, turned into facts. Node's X509Certificate must be able to read each as well. */
import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  type Extension,
  KeyUsage,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { asn1Readers } from "./asn1-readers.ts";
import {
  checked,
  extensionsOf,
  extensionValue,
  fingerprintOf,
  keyAlgorithmOf,
  nameText,
  readAuthorityKeyIdentifier,
  readNames,
  serialText,
  unhandledOf,
  wallOf,
} from "./asn1-reading.ts";
import { invalid, readDocumentsOf } from "./document.ts";
import type { CertificateFacts } from "./pure/certificate-facts.ts";
import { signatureAlgorithmOf } from "./pure/certificate-key.ts";
import { kemPinOf } from "./pure/kem-pin.ts";
import { oid } from "./pure/object-identifiers.ts";

const known: readonly string[] = [
  oid.basicConstraints,
  oid.keyUsage,
  oid.extKeyUsage,
  oid.subjectAltName,
  oid.subjectKeyIdentifier,
  oid.authorityKeyIdentifier,
];

/**
 * Every certificate in `bytes`, which hold at least one and nothing else: PEM, or one in DER. Nothing is verified. Throws
 * CRYPTO_DOCUMENT_INVALID for what is damaged or cut, and CRYPTO_DOCUMENT_KIND for anything else than certificates.
 */
export function readCertificates(bytes: Uint8Array): readonly CertificateFacts[] {
  return readDocumentsOf("certificate", bytes, asn1Readers).map(certificateFacts);
}

/** One certificate in DER. Throws CRYPTO_DOCUMENT_INVALID. */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  return checked("a certificate", () => {
    const { raw } = new X509Certificate(Buffer.from(der));
    if (Buffer.compare(raw, der) !== 0) throw invalid("something follows the certificate");
    return factsOf(AsnConvert.parse(der, Certificate), der);
  });
}

function factsOf({ tbsCertificate: body, signatureAlgorithm }: Certificate, der: Uint8Array): CertificateFacts {
  const extensions = extensionsOf(body.extensions === undefined ? [] : [...body.extensions]);
  const constraints = extensionValue(extensions.get(oid.basicConstraints), BasicConstraints);
  const names = readNames(extensions.get(oid.subjectAltName));
  const pin = kemPinOf(names.uri);
  const identifier = extensionValue(extensions.get(oid.subjectKeyIdentifier), SubjectKeyIdentifier);
  return {
    kind: "certificate",
    subject: nameText(body.subject),
    issuer: nameText(body.issuer),
    serial: serialText(body.serialNumber),
    notBefore: wallOf(body.validity.notBefore),
    notAfter: wallOf(body.validity.notAfter),
    isCa: constraints?.cA === true,
    pathLength: constraints?.cA === true ? constraints.pathLenConstraint : undefined,
    keyUsages: keyUsages(extensions.get(oid.keyUsage)),
    extendedKeyUsages: purposes(extensions.get(oid.extKeyUsage)),
    names,
    kemPin: pin.kind === "pinned" ? pin.hash : undefined,
    keyAlgorithm: keyAlgorithmOf(body.subjectPublicKeyInfo),
    signatureAlgorithm: signatureAlgorithmOf(signatureAlgorithm.algorithm),
    subjectKeyIdentifier: identifier === undefined ? undefined : new Uint8Array(identifier.buffer).toHex(),
    authorityKeyIdentifier: readAuthorityKeyIdentifier(extensions.get(oid.authorityKeyIdentifier)),
    unhandledExtensions: unhandledOf(extensions, known),
    fingerprint: fingerprintOf(der),
    der,
  };
}

/** In the order of RFC 5280 §4.2.1.3. */
const usageNames: readonly string[] = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

function keyUsages(extension: Extension | undefined): readonly string[] | undefined {
  const usage = extensionValue(extension, KeyUsage);
  if (usage === undefined) return undefined;
  const octets = new Uint8Array(usage.value);
  return usageNames.filter((_, position) => ((octets[position >> 3] ?? 0) & (0x80 >> (position & 7))) !== 0);
}

function purposes(extension: Extension | undefined): readonly string[] | undefined {
  const names = new Map<string, string>([
    [oid.serverAuth, "serverAuth"],
    [oid.clientAuth, "clientAuth"],
  ]);
  const usage = extensionValue(extension, ExtendedKeyUsage);
  return usage === undefined ? undefined : [...usage].map((id) => names.get(id) ?? id);
}
