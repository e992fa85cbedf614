/** The signature algorithms of Ropewalk, and what each is called and how large its parts are. */

export type SignatureAlgorithm = "ml-dsa-65" | "ed25519" | "p-256";

interface SignatureAlgorithmFacts {
  readonly asymmetricKeyType: "ml-dsa-65" | "ed25519" | "ec";
  readonly namedCurve?: "P-256";
  /** How Node names the 32 octets that a private key is made from. */
  readonly seedFormat: "raw-seed" | "raw-private";
  readonly publicKeyLength: number;
  /** Of `sign`. What X.509 wants of P-256 is DER, and varies. */
  readonly signatureLength: number;
}

/** Of every private key here: the seed of ML-DSA (FIPS 204 §6.1) and Ed25519 (RFC 8032 §5.1.5), the scalar of P-256. */
export const seedLength = 32;

export const signatureAlgorithms: Readonly<Record<SignatureAlgorithm, SignatureAlgorithmFacts>> = {
  "ml-dsa-65": {
    asymmetricKeyType: "ml-dsa-65",
    seedFormat: "raw-seed",
    publicKeyLength: 1952,
    signatureLength: 3309,
  },
  ed25519: { asymmetricKeyType: "ed25519", seedFormat: "raw-private", publicKeyLength: 32, signatureLength: 64 },
  "p-256": {
    asymmetricKeyType: "ec",
    namedCurve: "P-256",
    seedFormat: "raw-private",
    publicKeyLength: 65,
    signatureLength: 64,
  },
};

export const allSignatureAlgorithms: readonly SignatureAlgorithm[] = ["ml-dsa-65", "ed25519", "p-256"];
