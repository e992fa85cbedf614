/** The object identifiers that certificates of ours are made of, by the names that their specifications give them. */

export const oid = {
  /** RFC 5280 §4.2.1, appendix A. */
  commonName: "2.5.4.3",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  cRLNumber: "2.5.29.20",
  nameConstraints: "2.5.29.30",
  policyConstraints: "2.5.29.36",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  inhibitAnyPolicy: "2.5.29.54",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  /** RFC 2985 §5.4.2. */
  extensionRequest: "1.2.840.113549.1.9.14",
  /** RFC 9881 §2. */
  mlDsa65: "2.16.840.1.101.3.4.3.18",
  /** RFC 8410 §3. */
  ed25519: "1.3.101.112",
  /** RFC 5758 §3.2. */
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  /** RFC 5480 §2.1.1. */
  ecPublicKey: "1.2.840.10045.2.1",
  prime256v1: "1.2.840.10045.3.1.7",
} as const;
