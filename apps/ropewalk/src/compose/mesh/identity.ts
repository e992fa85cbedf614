/** The key that a node is in the mesh: in the file that the configuration names, or in one of the node's own, made at its first start. */
import { existsSync } from "node:fs";
import { generateSigningKey, type SigningKey } from "@ropewalk/crypto/signing-key";
import type { IdentityConfig } from "@ropewalk/mesh/config";
import { readIdentityFile, readPassphraseFile, writeIdentityFile } from "@ropewalk/mesh/io/identity-file";

export interface MeshIdentity {
  readonly key: SigningKey<"ed25519">;
  readonly file: string;
  readonly isNew: boolean;
}

/** `ownFile`: where it is if the configuration names none. Throws MESH_IDENTITY and OPS_FILE_*. */
export function meshIdentity({ file: named, passphraseFile }: IdentityConfig, ownFile: string): MeshIdentity {
  const file = named ?? ownFile;
  using passphrase = passphraseFile === undefined ? undefined : readPassphraseFile(passphraseFile);
  // What was named and is not there is a mistake: another key would be another node.
  if (named !== undefined || existsSync(file)) return { key: readIdentityFile(file, passphrase), file, isNew: false };
  const key = generateSigningKey("ed25519");
  writeIdentityFile(file, key, { whenThere: "refuse", passphrase });
  return { key, file, isNew: true };
}
