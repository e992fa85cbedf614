/** What is known of a certificate, a revocation list or a request once it has been read. Times are milliseconds since 1970. */
import type { Revocation } from "./create-crl.ts";

export interface ReadNames {
  readonly dns: readonly string[];
  /** In canonical form. */
  readonly ip: readonly string[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
}

export interface CertificateFacts {
  readonly kind: "certificate";
  /** As RFC 4514 writes names: "CN=site a". */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hexadecimal without zeros in front. */
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa: boolean;
  /** How many CAs may stand below this one; undefined for any number. */
  readonly pathLength: number | undefined;
  /** As RFC 5280 §4.2.1.3 names them. Undefined when nothing restricts the key. */
  readonly keyUsages: readonly string[] | undefined;
  /** "serverAuth", "clientAuth", else the object identifier. Undefined when nothing restricts it. */
  readonly extendedKeyUsages: readonly string[] | undefined;
  readonly names: ReadNames;
  /** SHA-384 of the pinned McEliece public key; undefined when none, or when what is there cannot be told (`kemPinOf`). */
  readonly kemPin: Uint8Array | undefined;
  /** "ml-dsa-65", "p-256", "ed25519", else the object identifier of key or curve. */
  readonly keyAlgorithm: string;
  /** "ml-dsa-65", "p-256", "ed25519", else the object identifier. */
  readonly signatureAlgorithm: string;
  /** Hexadecimal. */
  readonly subjectKeyIdentifier: string | undefined;
  readonly authorityKeyIdentifier: string | undefined;
  /** Object identifiers of extensions that restrict it in a way that is not understood here. */
  readonly unhandledExtensions: readonly string[];
  /** SHA-256 of the DER, hexadecimal. */
  readonly fingerprint: string;
  readonly der: Uint8Array;
}

export interface CrlFacts {
  readonly kind: "crl";
  readonly issuer: string;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly number: bigint | undefined;
  readonly revoked: readonly Revocation[];
  readonly signatureAlgorithm: string;
  readonly authorityKeyIdentifier: string | undefined;
  readonly unhandledExtensions: readonly string[];
  readonly fingerprint: string;
  readonly der: Uint8Array;
}

/** A request whose signature was found to be that of its own key. */
export interface RequestFacts {
  readonly kind: "request";
  readonly subject: string;
  /** The last common name of the subject, as it stands there. */
  readonly commonName: string | undefined;
  readonly names: ReadNames;
  readonly kemPin: Uint8Array | undefined;
  readonly keyAlgorithm: string;
  readonly signatureAlgorithm: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly fingerprint: string;
  readonly der: Uint8Array;
}
