/**
 * What tells DER that Node cannot read: requests and revocation lists. It stands apart, for the library of ASN.1 takes longer to load
 * than all else of a node's identity, which needs none of it.
 */
import { CertificationRequest } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { CertificateList } from "@peculiar/asn1-x509";
import type { DerReader } from "./document.ts";

export const asn1Readers: readonly DerReader[] = [
  ["request", (der) => AsnConvert.parse(der, CertificationRequest)],
  ["crl", (der) => AsnConvert.parse(der, CertificateList)],
];
