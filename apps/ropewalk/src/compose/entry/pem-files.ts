/** Certificates and their keys as PEM, read and found to belong together before anybody uses them. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { HttpCertificate } from "@ropewalk/entry/http/make-server";
import type { GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import { readPublicFile, readSecretFile } from "@ropewalk/ops/secret-file";
import { AppError } from "../../errors.ts";

/** Throws APP_CONFIG and OPS_FILE_*. */
export function readCertificate(certificate: string, key: string): HttpCertificate {
  const read = { certificate: readPublicFile(certificate), key: readSecretFile(key) };
  const leaf = parsed(certificate, () => new X509Certificate(read.certificate));
  const own = parsed(key, () => createPrivateKey({ key: Buffer.from(read.key), format: "pem" }));
  if (!leaf.checkPrivateKey(own)) throw new AppError("APP_CONFIG", `${key} is not the key of ${certificate}.`);
  return read;
}

/** Throws as `readCertificate`. */
export function readIdentity(certificate: string, key: string, authorities: readonly string[]): GrpcIdentityFiles {
  const trusted = authorities.map((path) => {
    const octets = readPublicFile(path);
    parsed(path, () => new X509Certificate(octets));
    return octets;
  });
  // Should one end without a line's end.
  const pieces = trusted.flatMap((octets) => [octets, Buffer.from("\n")]);
  return { ...readCertificate(certificate, key), authorities: new Uint8Array(Buffer.concat(pieces)) };
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new AppError("APP_CONFIG", `${path} cannot be used: PEM is expected, as ropewalk cert writes it`, { cause });
  }
}
