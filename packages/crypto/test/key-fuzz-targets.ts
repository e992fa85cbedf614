/** Keys and ciphertexts as strangers send them: whatever the octets, they are taken or refused with one of our own errors. */
import { CryptoError } from "@ropewalk/crypto/errors";
import { x25519PublicKeyFromRaw } from "@ropewalk/crypto/key-agreement";
import { generateMlKemKey, mlKemPublicKeyFromRaw } from "@ropewalk/crypto/ml-kem";
import { allSignatureAlgorithms } from "@ropewalk/crypto/signature-algorithms";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw, verifyingKeyFromSpki } from "@ropewalk/crypto/verifying-key";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
}

const keys = allSignatureAlgorithms.map((algorithm) => generateSigningKey(algorithm));
const kem = generateMlKemKey();

function refusing(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
  }
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "public keys and ciphertexts",
    seeds: [
      ...keys.flatMap(({ verifyingKey }) => [verifyingKey.toSpki(), verifyingKey.raw()]),
      kem.publicKey.raw(),
      kem.publicKey.encapsulate().ciphertext,
    ],
    run(bytes) {
      refusing(() => verifyingKeyFromSpki(bytes));
      for (const algorithm of allSignatureAlgorithms) refusing(() => verifyingKeyFromRaw(algorithm, bytes));
      refusing(() => x25519PublicKeyFromRaw(bytes));
      refusing(() => mlKemPublicKeyFromRaw(bytes));
      refusing(() => kem.decapsulate(bytes));
    },
  },
];
