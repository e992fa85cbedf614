/** `ropewalk mesh id new`: a new key, and with it a new address. */
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { tellIdentity, writeGiven } from "../mesh/identities.ts";

export const run: RunCommand = async (given, context) => {
  const key = generateSigningKey("ed25519");
  writeGiven(key, given);
  const file = given.values.get("out") ?? "";
  const isSealed = given.values.has("passphrase-file");
  tellIdentity({ publicKey: key.verifyingKey.raw(), file, isSealed, isProved: true }, given, context);
  return exitCodes.ok;
};
