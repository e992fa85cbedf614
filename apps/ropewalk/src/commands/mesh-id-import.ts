/** `ropewalk mesh id import FILE`: an identity of a key that is there already. */
import { readIdentityFile } from "@ropewalk/mesh/io/identity-file";
import { explainingFile } from "../certificates/key-files.ts";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { givenPassphrase, tellIdentity, writeGiven } from "../mesh/identities.ts";

export const run: RunCommand = async (given, context) => {
  const path = given.operands[0] ?? "";
  using old = givenPassphrase(given, "old-passphrase-file");
  const key = explainingFile(path, () => readIdentityFile(path, old));
  writeGiven(key, given);
  const file = given.values.get("out") ?? "";
  const isSealed = given.values.has("passphrase-file");
  tellIdentity({ publicKey: key.verifyingKey.raw(), file, isSealed, isProved: true }, given, context);
  return exitCodes.ok;
};
