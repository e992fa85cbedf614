/** `ropewalk cert server`, `client` and `node`: a key and a certificate for one end of connections, or for either. */

import { encodeKemKey } from "@ropewalk/crypto/certificates/kem-key-file";
import type { LeafPurpose } from "@ropewalk/crypto/certificates/pure/extensions";
import { issueLeaf } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import { certificateFacts } from "@ropewalk/crypto/certificates/read-certificate";
import { certifiedKey } from "@ropewalk/crypto/certificates/signer";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { chanceForSerial } from "./chance.ts";
import { makeKemKey } from "./kem-key.ts";
import { readIssuingCa } from "./key-files.ts";
import { certificateFile, privateKeyFile, secretFile, writeMade } from "./made-files.ts";
import { demandNames, givenAlgorithm, givenDays, givenNames, parsedCommonName, validityFrom } from "./orders.ts";
import { tellMade } from "./telling.ts";

export async function issueEnd(role: LeafPurpose, given: GivenArguments, context: CommandContext): Promise<ExitCode> {
  const { values } = given;
  const name = parsedCommonName(values.get("name") ?? "");
  const names = demandNames(givenNames(given));
  const length = givenDays(given, 365);
  const now = context.clock.wall();
  const ca = readIssuingCa(given, now);
  const key = generateSigningKey(givenAlgorithm(given, ca.key.algorithm));
  const kemPath = values.get("out-kem-key");
  using kem = kemPath === undefined ? undefined : await makeKemKey(context);
  const validity = validityFrom(now, length, ca.facts.notAfter);
  const order = { name, names, role, kemPin: kem?.publicKey.sha384, validity, chance: chanceForSerial() };
  const facts = certificateFacts(issueLeaf(order, certifiedKey(key.verifyingKey), ca.issuer));
  const files = [
    certificateFile(values.get("out-cert") ?? "", [facts, ...ca.intermediates]),
    privateKeyFile(values.get("out-key") ?? "", key),
    ...(kem === undefined ? [] : [secretFile("McEliece key", kemPath ?? "", encodeKemKey(kem))]),
  ];
  writeMade(files, given);
  tellMade(facts, files, given, context);
  return exitCodes.ok;
}
