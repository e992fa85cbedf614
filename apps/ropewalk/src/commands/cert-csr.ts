/** `ropewalk cert csr`: a key, and a request for a certificate that a CA elsewhere signs. */
import { encodeKemKey } from "@ropewalk/crypto/certificates/kem-key-file";
import { createRequest } from "@ropewalk/crypto/certificates/pure/create-request";
import { encodePem } from "@ropewalk/crypto/certificates/pure/pem";
import { requestFacts } from "@ropewalk/crypto/certificates/read-request";
import { certificateSigner } from "@ropewalk/crypto/certificates/signer";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { makeKemKey } from "../certificates/kem-key.ts";
import { privateKeyFile, publicFile, secretFile, writeMade } from "../certificates/made-files.ts";
import { givenAlgorithm, givenNames, parsedCommonName } from "../certificates/orders.ts";
import { tellMade } from "../certificates/telling.ts";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async (given, context) => {
  const { values } = given;
  const name = parsedCommonName(values.get("name") ?? "");
  const names = givenNames(given);
  const key = generateSigningKey(givenAlgorithm(given));
  const kemPath = values.get("out-kem-key");
  using kem = kemPath === undefined ? undefined : await makeKemKey(context);
  const facts = requestFacts(createRequest({ name, names, kemPin: kem?.publicKey.sha384 }, certificateSigner(key)));
  const files = [
    publicFile("request", values.get("out-csr") ?? "", encodePem("CERTIFICATE REQUEST", facts.der)),
    privateKeyFile(values.get("out-key") ?? "", key),
    ...(kem === undefined ? [] : [secretFile("McEliece key", kemPath ?? "", encodeKemKey(kem))]),
  ];
  writeMade(files, given);
  tellMade(facts, files, given, context);
  return exitCodes.ok;
};
