/** What a command of `ropewalk cert` has made: written all together, then told. Nothing that is told holds anything of a key. */

import { encodePrivateKey } from "@ropewalk/crypto/certificates/private-key-file";
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { encodePem } from "@ropewalk/crypto/certificates/pure/pem";
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { secretMode } from "@ropewalk/ops/secret-file";
import { type WrittenFile, writeFilesTogether } from "@ropewalk/ops/written-files";
import type { GivenArguments } from "../command-line/command.ts";

/** Permission bits of what everybody may read. */
const publicMode = 0o644;

export interface MadeFile extends WrittenFile {
  /** "private key". */
  readonly what: string;
}

/** The certificates one after the other: the first is the one that is meant, the others lead from it to its CA. */
export function certificateFile(path: string, certificates: readonly Pick<CertificateFacts, "der">[]): MadeFile {
  const text = certificates.map(({ der }) => encodePem("CERTIFICATE", der)).join("");
  return publicFile("certificate", path, text);
}

export function publicFile(what: string, path: string, text: string): MadeFile {
  return { what, path, octets: new TextEncoder().encode(text), mode: publicMode };
}

export function privateKeyFile(path: string, key: SigningKey): MadeFile {
  return secretFile("private key", path, encodePrivateKey(key));
}

export function secretFile(what: string, path: string, octets: SecretBytes): MadeFile {
  return { what, path, octets: octets.reveal(), mode: secretMode };
}

/** Throws what `writeFilesTogether` throws; what of a secret was to be written is erased. */
export function writeMade(files: readonly MadeFile[], { flags }: GivenArguments): void {
  try {
    writeFilesTogether(files, { whenThere: flags.has("force") ? "overwrite" : "refuse" });
  } finally {
    for (const { octets, mode } of files) if (mode === secretMode) octets.fill(0);
  }
}

/** "  private key  ca.key  (for its owner alone)". */
export function madeRows(files: readonly MadeFile[]): readonly (readonly string[])[] {
  return files.map(({ what, path, mode }) => [
    what,
    mode === secretMode ? `${path} (0600: only you can read it)` : path,
  ]);
}
