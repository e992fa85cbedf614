/** What the commands of `ropewalk mesh id` have in common: passphrases from files, identities written, and what is told of them. */

import type { SigningKey } from "@ropewalk/crypto/signing-key";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { meshAddressOf, readPassphraseFile, writeIdentityFile } from "@ropewalk/mesh/io/identity-file";
import { explainingFile } from "../certificates/key-files.ts";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { alignRows, printable } from "../render/table.ts";

/** Of the file that an option names; undefined where it was not given. The caller disposes of it. */
export function givenPassphrase({ values }: GivenArguments, option: string): SecretBytes | undefined {
  const path = values.get(option);
  return path === undefined ? undefined : explainingFile(path, () => readPassphraseFile(path));
}

/** Writes it to --out, sealed where --passphrase-file says so. */
export function writeGiven(key: SigningKey<"ed25519">, given: GivenArguments): void {
  using passphrase = givenPassphrase(given, "passphrase-file");
  const whenThere = given.flags.has("force") ? "overwrite" : "refuse";
  writeIdentityFile(given.values.get("out") ?? "", key, { whenThere, passphrase });
}

export interface ShownIdentity {
  readonly publicKey: Uint8Array;
  readonly file: string;
  readonly isSealed: boolean;
  /** Its key was there, and not only what the file says of it. */
  readonly isProved: boolean;
}

export function tellIdentity(
  { publicKey, file, isSealed, isProved }: ShownIdentity,
  { flags }: GivenArguments,
  { output }: CommandContext,
): void {
  const facts = { address: meshAddressOf(publicKey), publicKey: publicKey.toHex(), file, isSealed, isProved };
  if (flags.has("json")) {
    output.write(`${JSON.stringify(facts, undefined, 2)}\n`);
    return;
  }
  const sealed = isSealed ? "sealed with a passphrase" : "not sealed: whoever has the file is this node";
  const rows = [
    ["address", facts.address],
    ["public key", facts.publicKey],
    ["file", isProved ? `${file}, ${sealed}` : `${file}, ${sealed}, and not opened`],
  ];
  output.write(`${alignRows(rows, "").map(printable).join("\n")}\n`);
}
