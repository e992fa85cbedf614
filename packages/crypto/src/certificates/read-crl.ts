/** Revocation lists as others wrote them, PEM or DER, turned into facts. */
import { AsnConvert } from "@peculiar/asn1-schema";
import { CertificateList, CRLNumber, type Extension } from "@peculiar/asn1-x509";
import { asn1Readers } from "./asn1-readers.ts";
import {
  checked,
  checkWhole,
  extensionsOf,
  extensionValue,
  fingerprintOf,
  nameText,
  readAuthorityKeyIdentifier,
  serialText,
  unhandledOf,
  wallOf,
} from "./asn1-reading.ts";
import { invalid, readDocumentsOf } from "./document.ts";
import type { CrlFacts } from "./pure/certificate-facts.ts";
import { signatureAlgorithmOf } from "./pure/certificate-key.ts";
import type { Revocation } from "./pure/create-crl.ts";
import { oid } from "./pure/object-identifiers.ts";

/** The one list in `bytes`. Its signature is not checked. Throws CRYPTO_DOCUMENT_INVALID and CRYPTO_DOCUMENT_KIND. */
export function readCrl(bytes: Uint8Array): CrlFacts {
  const [crl, ...more] = readCrls(bytes);
  if (crl === undefined || more.length > 0)
    throw invalid(`it holds ${more.length + 1} revocation lists, and one is expected`);
  return crl;
}

/** Every list in `bytes`, at least one: PEM, or one in DER. Throws as `readCrl` does. */
export function readCrls(bytes: Uint8Array): readonly CrlFacts[] {
  return readDocumentsOf("crl", bytes, asn1Readers).map(crlFacts);
}

/** One list in DER. Throws CRYPTO_DOCUMENT_INVALID. */
export function crlFacts(der: Uint8Array): CrlFacts {
  return checked("a revocation list", () => {
    const list = AsnConvert.parse(der, CertificateList);
    checkWhole(der, list.tbsCertListRaw, list.signatureAlgorithm, list.signature);
    return factsOf(list, der);
  });
}

function factsOf({ tbsCertList: body, signatureAlgorithm }: CertificateList, der: Uint8Array): CrlFacts {
  const extensions = extensionsOf(body.crlExtensions ?? []);
  // RFC 5280 §5.1.2.5 demands it; a list that never ends would hide that nobody makes new ones.
  if (body.nextUpdate === undefined) throw invalid("the revocation list does not say when the next one comes");
  return {
    kind: "crl",
    issuer: nameText(body.issuer),
    thisUpdate: wallOf(body.thisUpdate),
    nextUpdate: wallOf(body.nextUpdate),
    number: crlNumber(extensions.get(oid.cRLNumber)),
    revoked: (body.revokedCertificates ?? []).map(revocationOf),
    signatureAlgorithm: signatureAlgorithmOf(signatureAlgorithm.algorithm),
    authorityKeyIdentifier: readAuthorityKeyIdentifier(extensions.get(oid.authorityKeyIdentifier)),
    unhandledExtensions: unhandledOf(extensions, [oid.cRLNumber, oid.authorityKeyIdentifier]),
    fingerprint: fingerprintOf(der),
    der,
  };
}

/** The library gives large ones as text, against its own types. */
function crlNumber(extension: Extension | undefined): bigint | undefined {
  const number = extensionValue(extension, CRLNumber);
  return number === undefined ? undefined : BigInt(number.value);
}

/** An entry that must be understood and is not, such as one of another issuer, makes the whole list unusable (RFC 5280 §5.3). */
function revocationOf({
  userCertificate,
  revocationDate,
  crlEntryExtensions = [],
}: NonNullable<CertificateList["tbsCertList"]["revokedCertificates"]>[number]): Revocation {
  if (crlEntryExtensions.some(({ critical }) => critical))
    throw invalid("an entry of the revocation list is restricted in a way that is not understood here");
  return { serial: serialText(userCertificate), at: wallOf(revocationDate) };
}
