/** Reads the files that a command line names; a failure names the file. Keys are refused where others may read them. */

import { asn1Readers } from "@ropewalk/crypto/certificates/asn1-readers";
import { createIssuer } from "@ropewalk/crypto/certificates/issuer";
import { readPrivateKey } from "@ropewalk/crypto/certificates/private-key-file";
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import type { Issuer } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import { readCertificates } from "@ropewalk/crypto/certificates/read-certificate";
import { CryptoError } from "@ropewalk/crypto/errors";
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import { describeError } from "@ropewalk/kernel/errors";
import { OpsError } from "@ropewalk/ops/errors";
import { readPublicFile, readSecretFile } from "@ropewalk/ops/secret-file";
import type { GivenArguments } from "../command-line/command.ts";
import { AppError } from "../errors.ts";

/** What `parse` makes of the file. Throws APP_NOT_FOUND when it is absent, and APP_UNREADABLE. */
export function readFileAs<T>(path: string, parse: (octets: Uint8Array) => T): T {
  return explainingFile(path, () => parse(readPublicFile(path)));
}

/** Certificates, the first of which is the one that is meant. */
export function readCertificateFile(path: string): readonly [CertificateFacts, ...CertificateFacts[]] {
  return readFileAs(path, (octets) => {
    const [first, ...others] = readCertificates(octets);
    if (first === undefined) throw new CryptoError("CRYPTO_DOCUMENT_INVALID", "it holds no certificate");
    return [first, ...others];
  });
}

function readKeyFile(path: string): SigningKey {
  return explainingFile(path, () => {
    const octets = readSecretFile(path);
    try {
      return readPrivateKey(octets, asn1Readers);
    } finally {
      octets.fill(0);
    }
  });
}

/** The CA that issues, and what belongs behind a certificate of its: itself, unless everybody must have it anyway. */
export interface IssuingCa {
  readonly facts: CertificateFacts;
  readonly issuer: Issuer;
  readonly key: SigningKey;
  readonly intermediates: readonly CertificateFacts[];
}

/** Of --ca-cert and --ca-key, which are given. Throws CRYPTO_ISSUER_UNFIT, and what reading throws. */
export function readIssuingCa({ values }: GivenArguments, now: number): IssuingCa {
  const [facts, ...others] = readCertificateFile(values.get("ca-cert") ?? "");
  const key = readKeyFile(values.get("ca-key") ?? "");
  const intermediates = [facts, ...others].filter(({ subject, issuer }) => subject !== issuer);
  return { facts, key, issuer: createIssuer(facts, key, now), intermediates };
}

/** As `read` does, but for the file that is absent (APP_NOT_FOUND) and what is in it that cannot be (APP_UNREADABLE). */
export function explainingFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof OpsError && error.code === "OPS_FILE_MISSING")
      throw new AppError("APP_NOT_FOUND", error.message);
    if (error instanceof CryptoError) throw new AppError("APP_UNREADABLE", `${path}: ${describeError(error)}`);
    throw error;
  }
}
