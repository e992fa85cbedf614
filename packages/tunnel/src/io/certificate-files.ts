/** Reads the certificates and lists of a configuration, without any key: each file for itself, so that one that is bad hides no other. */
import { readCertificates } from "@ropewalk/crypto/certificates/read-certificate";
import { readCrls } from "@ropewalk/crypto/certificates/read-crl";
import { describeError } from "@ropewalk/kernel/errors";
import { readPublicFile } from "@ropewalk/ops/secret-file";
import type { TunnelConfig } from "../config.ts";
import type { CertificateFile } from "../pure/expiring.ts";

export type NamedFiles = Pick<TunnelConfig, "certificate" | "authorities" | "revocationLists">;

export type FileReading = CertificateFile | UnreadFile;

export interface UnreadFile {
  readonly kind: "unread";
  readonly of: CertificateFile["kind"];
  readonly path: string;
  /** Names the file too. */
  readonly reason: string;
}

/** Never throws; nothing where there is no certificate of this end's own. */
export function readCertificateFiles({
  certificate,
  authorities,
  revocationLists,
}: NamedFiles): readonly FileReading[] {
  if (certificate === undefined) return [];
  return [
    reading("own", certificate),
    ...authorities.map((path) => reading("authorities", path)),
    ...revocationLists.map((path) => reading("revocation-lists", path)),
  ];
}

function reading(kind: CertificateFile["kind"], path: string): FileReading {
  try {
    const octets = readPublicFile(path);
    if (kind === "revocation-lists") return { kind, path, lists: readCrls(octets) };
    return { kind, path, certificates: readCertificates(octets) };
  } catch (error) {
    const text = describeError(error);
    // What reads files names them already.
    return { kind: "unread", of: kind, path, reason: text.startsWith(path) ? text : `${path}: ${text}` };
  }
}
