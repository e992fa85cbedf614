/** `ropewalk cert show FILE`: what is in it. Secrets are named, and never shown. */
import { asn1Readers } from "@ropewalk/crypto/certificates/asn1-readers";
import { type Document, documentName, readDocuments } from "@ropewalk/crypto/certificates/document";
import { certificateFacts } from "@ropewalk/crypto/certificates/read-certificate";
import { crlFacts } from "@ropewalk/crypto/certificates/read-crl";
import { requestFacts } from "@ropewalk/crypto/certificates/read-request";
import { CryptoError } from "@ropewalk/crypto/errors";
import { readFileAs } from "../certificates/key-files.ts";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { factsDocument, factsRows, type ShownFacts } from "../render/certificate-view.ts";
import { alignRows, printable } from "../render/table.ts";

export const run: RunCommand = async ({ flags, operands }, { clock, output }) => {
  const all = readFileAs(operands[0] ?? "", (octets) => readDocuments(octets, asn1Readers).map(factsOf));
  if (flags.has("json")) {
    output.write(`${JSON.stringify({ contents: all.map(factsDocument) }, undefined, 2)}\n`);
  } else {
    const blocks = all.map((facts) => alignRows(factsRows(facts, clock.wall()), "").map(printable).join("\n"));
    output.write(`${blocks.join("\n\n")}\n`);
  }
  return exitCodes.ok;
};

function factsOf({ kind, der }: Document): ShownFacts {
  switch (kind) {
    case "certificate":
      return certificateFacts(der);
    case "crl":
      return crlFacts(der);
    case "request":
      return requestFacts(der);
    case "private-key":
    case "encrypted-key":
    case "kem-key":
    case "public-key":
      throw new CryptoError("CRYPTO_DOCUMENT_KIND", `it holds ${documentName[kind]}, which is not shown`);
  }
}
