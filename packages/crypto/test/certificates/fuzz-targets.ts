/**
 * Every reader of certificates, requests, lists and keys as a function of octets: it reads them or refuses them with this package's
 * own error, and nothing else comes out. What can be read is also judged.
 */

import { asn1Readers } from "../../src/certificates/asn1-readers.ts";
import { isSignedBy } from "../../src/certificates/check-signature.ts";
import { readDocuments } from "../../src/certificates/document.ts";
import { readKemKey } from "../../src/certificates/kem-key-file.ts";
import { encodePrivateKey, readPrivateKey } from "../../src/certificates/private-key-file.ts";
import { parseSerial } from "../../src/certificates/pure/create-crl.ts";
import { createRequest } from "../../src/certificates/pure/create-request.ts";
import { integer, octetString, sequence, unsignedInteger } from "../../src/certificates/pure/der.ts";
import { kemPinOf } from "../../src/certificates/pure/kem-pin.ts";
import { encodePem, parsePem } from "../../src/certificates/pure/pem.ts";
import {
  noNames,
  parseCommonName,
  parseDnsName,
  parseEmailName,
  parseUriName,
} from "../../src/certificates/pure/subject-names.ts";
import { verifyCertificate } from "../../src/certificates/pure/verify-certificate.ts";
import { readCertificates } from "../../src/certificates/read-certificate.ts";
import { readCrl } from "../../src/certificates/read-crl.ts";
import { readRequest } from "../../src/certificates/read-request.ts";
import { certificateSigner } from "../../src/certificates/signer.ts";
import { CryptoError } from "../../src/errors.ts";
import { commonName, crl, leaf, madeAt, rootCa } from "./made.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
  readonly sample?: number;
}

/** Each reads with several libraries, or verifies a signature: a fifth of a millisecond. */
const sample = 2_000;

const ca = rootCa();
const server = leaf(ca, { kemPin: new Uint8Array(48) });
const list = crl(ca, [server.facts]);
const request = createRequest(
  { name: commonName("boat"), names: noNames, kemPin: undefined },
  certificateSigner(server.key),
);
const trust = { authorities: [ca.facts], crls: [list], now: madeAt, role: "server" } as const;
const latin1 = new TextDecoder("latin1");
const bytes = (text: string) => new TextEncoder().encode(text);

function forms(label: string, der: Uint8Array): readonly Uint8Array[] {
  return [der, bytes(encodePem(label, der))];
}

/** Refusals are answers; anything else that is thrown is a defect. */
function refusing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
  }
}

function fail(reason: string): never {
  throw new Error(reason);
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "crypto: certificates, read and judged",
    sample,
    seeds: [...forms("CERTIFICATE", server.facts.der), ...forms("CERTIFICATE", ca.facts.der)],
    run: (octets) =>
      refusing(() => {
        for (const read of readCertificates(octets)) {
          const answer = verifyCertificate(
            { leaf: read, intermediates: [server.facts], ...trust, crls: [] },
            isSignedBy,
          );
          if (answer.kind === "trusted" && read.fingerprint !== server.facts.fingerprint)
            fail("a changed certificate is trusted");
        }
      }),
  },
  {
    name: "crypto: revocation list, read and relied upon",
    sample,
    seeds: forms("X509 CRL", list.der),
    run: (octets) =>
      refusing(() => {
        const read = readCrl(octets);
        const answer = verifyCertificate({ leaf: server.facts, ...trust, crls: [read] }, isSignedBy);
        const isOurs =
          read.issuer === ca.facts.subject && read.authorityKeyIdentifier === ca.facts.subjectKeyIdentifier;
        if (answer.kind === "trusted" && isOurs) fail("a changed list is relied upon");
      }),
  },
  {
    name: "crypto: certificate request",
    sample,
    seeds: forms("CERTIFICATE REQUEST", request),
    run: (octets) =>
      refusing(() => {
        if (readRequest(octets).der.toHex() !== request.toHex()) fail("a changed request is proved");
      }),
  },
  {
    name: "crypto: private key file",
    sample,
    seeds: [encodePrivateKey(server.key).reveal(), server.key.toPkcs8().reveal()],
    run: (octets) => refusing(() => void readPrivateKey(octets)),
  },
  {
    name: "crypto: McEliece key file",
    sample,
    seeds: forms("ROPEWALK MCELIECE460896 PRIVATE KEY", new Uint8Array(64)),
    run: (octets) => refusing(() => void readKemKey(octets)),
  },
  {
    name: "crypto: what a file holds",
    sample,
    seeds: forms("PUBLIC KEY", server.key.verifyingKey.toSpki()),
    run: (octets) => refusing(() => void readDocuments(octets, asn1Readers)),
  },
  {
    name: "crypto: PEM written and read",
    seeds: [new Uint8Array(48), bytes("-----BEGIN A-----")],
    run: (octets) => {
      const read = parsePem(`before\n${encodePem("A B", octets)}after`);
      const same = read.kind === "blocks" && read.blocks.length === 1 && read.blocks[0]?.der.toHex() === octets.toHex();
      if (!same) fail("not what was written");
      parsePem(latin1.decode(octets));
    },
  },
  {
    name: "crypto: DER written twice alike",
    seeds: [new Uint8Array(130)],
    run: (octets) => {
      const number = BigInt(`0x0${octets.subarray(0, 20).toHex()}`);
      if (integer(number).toHex() !== unsignedInteger(octets.subarray(0, 20)).toHex())
        fail("two encodings of one number");
      const whole = sequence(octetString(octets), integer(number));
      if (!whole.toHex().includes(octets.toHex())) fail("octets got lost");
    },
  },
  {
    name: "crypto: names, pins and serials",
    seeds: server.facts.names.uri.map(bytes),
    run: (octets) => {
      const text = latin1.decode(octets);
      for (const parse of [parseCommonName, parseDnsName, parseEmailName, parseUriName, parseSerial]) parse(text);
      kemPinOf([text]);
    },
  },
];
