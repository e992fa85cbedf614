/** `ropewalk mesh id show FILE`: whose identity it is. Its key is never shown. */
import { readIdentityFacts, readIdentityFile } from "@ropewalk/mesh/io/identity-file";
import { explainingFile } from "../certificates/key-files.ts";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { givenPassphrase, tellIdentity } from "../mesh/identities.ts";

export const run: RunCommand = async (given, context) => {
  const file = given.operands[0] ?? "";
  using passphrase = givenPassphrase(given, "passphrase-file");
  const { publicKey, isSealed } = explainingFile(file, () => readIdentityFacts(file));
  const isProved = !isSealed || passphrase !== undefined;
  // What opens is as the file says, for that is sealed with it.
  if (isProved) explainingFile(file, () => readIdentityFile(file, passphrase));
  tellIdentity({ publicKey, file, isSealed, isProved }, given, context);
  return exitCodes.ok;
};
