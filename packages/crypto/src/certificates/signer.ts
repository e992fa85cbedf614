/** Keys of this package as certificates want them. */
import { createHash } from "node:crypto";
import { plain } from "../pure/octets.ts";
import { signRaw } from "../raw-signatures.ts";
import type { SigningKey } from "../signing-key.ts";
import type { VerifyingKey } from "../verifying-key.ts";
import type { CertificateSigner, CertifiedKey } from "./pure/certificate-key.ts";

export function certifiedKey(key: VerifyingKey): CertifiedKey {
  const identifier = createHash("sha256").update(key.raw()).digest().subarray(0, 20);
  return { algorithm: key.algorithm, publicKey: key.toSpki(), identifier: plain(identifier) };
}

export function certificateSigner(key: SigningKey): CertificateSigner {
  return { ...certifiedKey(key.verifyingKey), sign: (octets) => signRaw(key, octets) };
}
