/** `ropewalk cert ca`: a key that vouches for others, and its certificate, which it issues itself or has another CA issue. */
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { type AuthorityOrder, issueCa, issueRootCa } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import { certificateFacts } from "@ropewalk/crypto/certificates/read-certificate";
import { certificateSigner } from "@ropewalk/crypto/certificates/signer";
import { generateSigningKey, type SigningKey } from "@ropewalk/crypto/signing-key";
import { chanceForSerial } from "../certificates/chance.ts";
import { type IssuingCa, readIssuingCa } from "../certificates/key-files.ts";
import { certificateFile, privateKeyFile, writeMade } from "../certificates/made-files.ts";
import { givenAlgorithm, givenDays, parsedCommonName, validityFrom, wholeNumber } from "../certificates/orders.ts";
import { tellMade } from "../certificates/telling.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async (given, context) => {
  const { values } = given;
  const name = parsedCommonName(values.get("name") ?? "");
  const length = givenDays(given, 3_650);
  const pathLength = wholeNumber(given, "path-length", { from: 0, to: 8, usual: 0 });
  const now = context.clock.wall();
  const above = caAbove(given, pathLength, now);
  const key = generateSigningKey(givenAlgorithm(given, above?.key.algorithm));
  const validity = validityFrom(now, length, above?.facts.notAfter);
  const facts = issue({ name, pathLength, validity, chance: chanceForSerial() }, key, above);
  const files = [
    certificateFile(values.get("out-cert") ?? "", [facts, ...(above?.intermediates ?? [])]),
    privateKeyFile(values.get("out-key") ?? "", key),
  ];
  writeMade(files, given);
  tellMade(facts, files, given, context);
  return exitCodes.ok;
};

function issue(order: AuthorityOrder, key: SigningKey, above: IssuingCa | undefined): CertificateFacts {
  const signer = certificateSigner(key);
  return certificateFacts(above === undefined ? issueRootCa(order, signer) : issueCa(order, signer, above.issuer));
}

/** The CA that is to issue this one; undefined when it issues itself. */
function caAbove(given: GivenArguments, pathLength: number, now: number): IssuingCa | undefined {
  const { values } = given;
  if (!values.has("ca-cert") && !values.has("ca-key")) return undefined;
  if (!values.has("ca-cert") || !values.has("ca-key"))
    throw new AppError("APP_USAGE", "a CA below another takes both: --ca-cert and --ca-key");
  const above = readIssuingCa(given, now);
  const allowed = above.facts.pathLength;
  if (allowed === undefined || pathLength < allowed) return above;
  const below = allowed === 0 ? "none" : `${allowed}, the lowest of them with --path-length 0`;
  throw new AppError(
    "APP_REFUSED",
    `${above.facts.subject} allows this many CAs below it: ${below}; make that one anew with a larger --path-length`,
  );
}
