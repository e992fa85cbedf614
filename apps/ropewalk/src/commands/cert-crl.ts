/** `ropewalk cert crl`: the next revocation list of a CA, in the place of the one before. */
import { existsSync } from "node:fs";
import { isSignedBy } from "@ropewalk/crypto/certificates/check-signature";
import type { CertificateFacts, CrlFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { createCrl, mergeRevocations, parseSerial } from "@ropewalk/crypto/certificates/pure/create-crl";
import { encodePem } from "@ropewalk/crypto/certificates/pure/pem";
import { crlFacts, readCrl } from "@ropewalk/crypto/certificates/read-crl";
import { writeFilesTogether } from "@ropewalk/ops/written-files";
import { readCertificateFile, readFileAs, readIssuingCa } from "../certificates/key-files.ts";
import { publicFile } from "../certificates/made-files.ts";
import { clockAllowance, givenDays } from "../certificates/orders.ts";
import { tellMade } from "../certificates/telling.ts";
import type { RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async (given, context) => {
  const { values, lists } = given;
  const path = values.get("crl") ?? "";
  const now = context.clock.wall();
  const length = givenDays(given, 30);
  const ca = readIssuingCa(given, now);
  const before = existsSync(path) ? listBefore(path, ca.facts) : undefined;
  const serials = (lists.get("revoke") ?? []).map((text) => serialOf(text, ca.facts));
  const list = createCrl(
    {
      revoked: mergeRevocations(
        before?.revoked ?? [],
        serials.map((serial) => ({ serial, at: now })),
      ),
      number: (before?.number ?? 0n) + 1n,
      thisUpdate: now - clockAllowance,
      nextUpdate: now + length,
    },
    ca.issuer,
  );
  const facts = crlFacts(list);
  const file = publicFile("revocation list", path, encodePem("X509 CRL", list));
  writeFilesTogether([file], { whenThere: "overwrite" });
  tellMade(facts, [file], given, context);
  return exitCodes.ok;
};

/** Throws APP_REFUSED for a list of another CA: its entries would be lost, or become ours. */
function listBefore(path: string, ca: CertificateFacts): CrlFacts {
  const list = readFileAs(path, readCrl);
  if (isSignedBy(list, ca)) return list;
  throw new AppError(
    "APP_REFUSED",
    `${path} is no revocation list of ${ca.subject}, but of ${list.issuer}; give another path`,
  );
}

/** Of a file when there is one of that name. */
function serialOf(text: string, ca: CertificateFacts): string {
  if (existsSync(text)) {
    const [certificate] = readCertificateFile(text);
    if (isSignedBy(certificate, ca)) return certificate.serial;
    throw new AppError(
      "APP_REFUSED",
      `${text} was not issued by ${ca.subject}, which cannot revoke it; its CA is ${certificate.issuer}`,
    );
  }
  const serial = parseSerial(text);
  if (serial !== undefined) return serial;
  throw new AppError(
    "APP_NOT_FOUND",
    `--revoke takes a certificate or a serial, and "${text}" is no file and no serial`,
  );
}
