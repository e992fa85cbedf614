/** Certificates as they are issued (RFC 5280 §4.1): everything that is in them is an argument, the time and the chance too. */

import { type CertificateSigner, type CertifiedKey, signatureAlgorithm } from "./certificate-key.ts";
import { bitString, explicit, integer, sequence, time, unsignedInteger } from "./der.ts";
import {
  authorityConstraints,
  authorityKeyIdentifier,
  extendedKeyUsage,
  extensions,
  keyUsage,
  type LeafPurpose,
  leafConstraints,
  subjectAltName,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { type CommonName, distinguishedName, generalNames, type SubjectNames } from "./subject-names.ts";

/** From when to when, both in milliseconds since 1970; certificates hold whole seconds. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Octets of chance that a serial is made from (RFC 5280 §4.1.2.2 allows 20). */
export const serialLength = 20;

/** Who issues: its name as its own certificate has it, in DER, and its key. */
export interface Issuer {
  readonly name: Uint8Array;
  readonly key: CertificateSigner;
}

export interface AuthorityOrder {
  readonly name: CommonName;
  /** How many CAs may stand between this one and the end of a chain; undefined for any number. */
  readonly pathLength: number | undefined;
  readonly validity: Validity;
  /** `serialLength` random octets. */
  readonly chance: Uint8Array;
}

/** A CA that nobody stands above, in DER. */
export function issueRootCa(order: AuthorityOrder, key: CertificateSigner): Uint8Array {
  return issueCa(order, key, { name: distinguishedName(order.name), key });
}

/** A CA that another stands above, in DER. */
export function issueCa(order: AuthorityOrder, key: CertifiedKey, issuer: Issuer): Uint8Array {
  return issue(order, key, issuer, [
    authorityConstraints(order.pathLength),
    keyUsage("keyCertSign", "cRLSign"),
    subjectKeyIdentifier(key.identifier),
    authorityKeyIdentifier(issuer.key.identifier),
  ]);
}

export interface LeafOrder {
  readonly name: CommonName;
  readonly names: SubjectNames;
  readonly role: LeafPurpose;
  /** SHA-384 of a Classic McEliece public key that goes with this certificate. */
  readonly kemPin: Uint8Array | undefined;
  readonly validity: Validity;
  /** `serialLength` random octets. */
  readonly chance: Uint8Array;
}

/** The certificate of one end of connections, in DER. */
export function issueLeaf(order: LeafOrder, key: CertifiedKey, issuer: Issuer): Uint8Array {
  return issue(order, key, issuer, [
    leafConstraints(),
    keyUsage("digitalSignature"),
    extendedKeyUsage(order.role),
    subjectAltName(generalNames(order.names, order.kemPin)),
    subjectKeyIdentifier(key.identifier),
    authorityKeyIdentifier(issuer.key.identifier),
  ]);
}

/**
 * A certificate that vouches for nobody but its own key, in DER: for peers who know that key, and believe nothing else of what it says.
 * It is good at either end of a connection.
 */
export function issueSelfSigned(
  order: Pick<LeafOrder, "name" | "validity" | "chance">,
  key: CertificateSigner,
): Uint8Array {
  return issue(order, key, { name: distinguishedName(order.name), key }, [
    leafConstraints(),
    keyUsage("digitalSignature"),
    subjectKeyIdentifier(key.identifier),
  ]);
}

function issue(
  { name, validity, chance }: { readonly name: CommonName; readonly validity: Validity; readonly chance: Uint8Array },
  key: CertifiedKey,
  issuer: Issuer,
  list: readonly (Uint8Array | undefined)[],
): Uint8Array {
  const body = sequence(
    // Version 3 (RFC 5280 §4.1.2.1).
    explicit(0, integer(2)),
    serialNumber(chance),
    signatureAlgorithm(issuer.key.algorithm),
    issuer.name,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    distinguishedName(name),
    key.publicKey,
    explicit(3, extensions(...list)),
  );
  return signed(body, issuer.key);
}

/** A body, the algorithm and the signature: the shape of certificates, requests and revocation lists alike. */
export function signed(body: Uint8Array, key: CertificateSigner): Uint8Array {
  return sequence(body, signatureAlgorithm(key.algorithm), bitString(key.sign(body)));
}

/** Positive, and of 20 octets always, so that no leading zero makes one shorter. Throws RangeError for too little chance. */
function serialNumber(chance: Uint8Array): Uint8Array {
  if (chance.length !== serialLength) throw new RangeError(`a serial takes ${serialLength} random octets`);
  const octets = chance.slice();
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return unsignedInteger(octets);
}
