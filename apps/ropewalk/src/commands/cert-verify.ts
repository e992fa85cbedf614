/** `ropewalk cert verify FILE`: whether it is to be trusted, and if not, why. */
import { isSignedBy } from "@ropewalk/crypto/certificates/check-signature";
import { shownTime, type Verification } from "@ropewalk/crypto/certificates/pure/verification";
import { verifyCertificate } from "@ropewalk/crypto/certificates/pure/verify-certificate";
import { readCrls } from "@ropewalk/crypto/certificates/read-crl";
import { readCertificateFile, readFileAs } from "../certificates/key-files.ts";
import { givenRole } from "../certificates/orders.ts";
import type { RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { printable } from "../render/table.ts";

export const run: RunCommand = async (given, { clock, output }) => {
  const { flags, lists, operands } = given;
  const path = operands[0] ?? "";
  const [leaf, ...intermediates] = readCertificateFile(path);
  const authorities = (lists.get("ca") ?? []).flatMap((file) => readCertificateFile(file));
  const crls = (lists.get("crl") ?? []).flatMap((file) => readFileAs(file, readCrls));
  const request = { leaf, intermediates, authorities, crls, now: clock.wall(), role: givenRole(given) };
  const answer = verifyCertificate(request, isSignedBy);
  if (flags.has("json")) {
    output.write(`${JSON.stringify(answerDocument(path, answer), undefined, 2)}\n`);
    return answer.kind === "trusted" ? exitCodes.ok : exitCodes.notTrusted;
  }
  if (answer.kind === "refused")
    throw new AppError("APP_NOT_TRUSTED", `${path} is not to be trusted (${answer.code}): ${printable(answer.text)}.`);
  const chain = answer.chain.map(({ subject }) => subject).join(" < ");
  output.write(`${printable(`${path} is trusted until ${shownTime(answer.until)}: ${chain}`)}\n`);
  return exitCodes.ok;
};

function answerDocument(file: string, answer: Verification): Readonly<Record<string, unknown>> {
  switch (answer.kind) {
    case "trusted":
      return {
        file,
        trusted: true,
        until: shownTime(answer.until),
        chain: answer.chain.map(({ subject, fingerprint }) => ({ subject, fingerprint })),
      };
    case "refused":
      return { file, trusted: false, code: answer.code, reason: answer.text };
  }
}
