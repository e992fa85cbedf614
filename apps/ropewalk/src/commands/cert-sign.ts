/** `ropewalk cert sign REQUEST`: a certificate for somebody else's key. Whoever signs decides what is in it. */
import type { RequestFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { issueLeaf } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import { hasNames, type SubjectNames } from "@ropewalk/crypto/certificates/pure/subject-names";
import { certificateFacts } from "@ropewalk/crypto/certificates/read-certificate";
import { readRequest } from "@ropewalk/crypto/certificates/read-request";
import { certifiedKey } from "@ropewalk/crypto/certificates/signer";
import { verifyingKeyFromSpki } from "@ropewalk/crypto/verifying-key";
import { askedNames } from "../certificates/asked-names.ts";
import { chanceForSerial } from "../certificates/chance.ts";
import { readFileAs, readIssuingCa } from "../certificates/key-files.ts";
import { certificateFile, writeMade } from "../certificates/made-files.ts";
import { givenDays, givenNames, givenRole, parsedCommonName, validityFrom } from "../certificates/orders.ts";
import { tellMade } from "../certificates/telling.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async (given, context) => {
  const { values, operands } = given;
  const now = context.clock.wall();
  const request = readFileAs(operands[0] ?? "", readRequest);
  const name = parsedCommonName(values.get("name") ?? request.commonName ?? "");
  const names = decidedNames(given, request);
  const ca = readIssuingCa(given, now);
  const validity = validityFrom(now, givenDays(given, 365), ca.facts.notAfter);
  const role = givenRole(given) ?? "client";
  const order = { name, names, role, kemPin: request.kemPin, validity, chance: chanceForSerial() };
  const facts = certificateFacts(issueLeaf(order, certifiedKey(verifyingKeyFromSpki(request.publicKey)), ca.issuer));
  const files = [certificateFile(values.get("out-cert") ?? "", [facts, ...ca.intermediates])];
  writeMade(files, given);
  tellMade(facts, files, given, context);
  return exitCodes.ok;
};

/** Those of the command line, and those of the request only where they were let in. */
function decidedNames(given: GivenArguments, request: RequestFacts): SubjectNames {
  const own = givenNames(given);
  const asked = askedNames(request);
  const names = given.flags.has("copy-names") ? joined(own, asked) : own;
  if (hasNames(names)) return names;
  const shown = [...asked.dns, ...asked.ip, ...asked.uri].join(", ");
  const how =
    shown === "" ? "the request asks for none" : `--copy-names takes over what the request asks for: ${shown}`;
  throw new AppError(
    "APP_USAGE",
    `nothing says whom the other end talks to: give at least one of --dns, --ip and --uri; ${how}`,
  );
}

function joined(one: SubjectNames, other: SubjectNames): SubjectNames {
  const both = <T>(some: readonly T[], more: readonly T[]) => [...new Set([...some, ...more])];
  return {
    dns: both(one.dns, other.dns),
    ip: both(one.ip, other.ip),
    uri: both(one.uri, other.uri),
    email: both(one.email, other.email),
  };
}
