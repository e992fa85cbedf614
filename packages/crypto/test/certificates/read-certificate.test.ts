/** Reading what was written, in every form and place; and naming what is damaged, cut, or something else. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { asn1Readers } from "../../src/certificates/asn1-readers.ts";
import { encodePrivateKey, readPrivateKey } from "../../src/certificates/private-key-file.ts";
import { parseSerial } from "../../src/certificates/pure/create-crl.ts";
import { createRequest } from "../../src/certificates/pure/create-request.ts";
import { encodePem } from "../../src/certificates/pure/pem.ts";
import {
  type noNames,
  parseCommonName,
  parseDnsName,
  parseEmailName,
  parseIpName,
  parseUriName,
} from "../../src/certificates/pure/subject-names.ts";
import { certificateFacts, readCertificates } from "../../src/certificates/read-certificate.ts";
import { readCrl } from "../../src/certificates/read-crl.ts";
import { readRequest } from "../../src/certificates/read-request.ts";
import { certificateSigner } from "../../src/certificates/signer.ts";
import { CryptoError } from "../../src/errors.ts";
import { allSignatureAlgorithms } from "../../src/signature-algorithms.ts";
import { generateSigningKey } from "../../src/signing-key.ts";
import { commonName, crl, day, leaf, madeAt, rootCa } from "./made.ts";

const ca = rootCa("test CA", { pathLength: 2 });
const names = {
  dns: [parseDnsName("Site-A.example")],
  ip: [parseIpName("192.0.2.1"), parseIpName("2001:db8::1")],
  uri: [parseUriName("urn:site:a"), parseUriName("https://a.example/x?y=1")],
  email: [parseEmailName("ops@a.example")],
} as { readonly [Kind in keyof typeof noNames]: (typeof noNames)[Kind] };
const pin = Uint8Array.from({ length: 48 }, (_, index) => index);
const server = leaf(ca, { names, kemPin: pin });
const key = generateSigningKey("ed25519");
const request = createRequest({ name: commonName("boat"), names, kemPin: pin }, certificateSigner(key));
const list = crl(ca, [server.facts], { number: 2n ** 100n });

const bytes = (text: string) => new TextEncoder().encode(text);
const both = (label: string, der: Uint8Array) => [der, bytes(encodePem(label, der))];

test("a certificate of an end says whom it is for, until when, and by whom", () => {
  const { facts } = server;
  assert.deepEqual(
    { ...facts, der: undefined, serial: undefined, subjectKeyIdentifier: undefined, fingerprint: undefined },
    {
      kind: "certificate",
      subject: "CN=site a",
      issuer: "CN=test CA",
      serial: undefined,
      notBefore: madeAt,
      notAfter: madeAt + 365 * day,
      isCa: false,
      pathLength: undefined,
      keyUsages: ["digitalSignature"],
      extendedKeyUsages: ["serverAuth"],
      names: {
        dns: ["site-a.example"],
        ip: ["192.0.2.1", "2001:db8::1"],
        uri: ["urn:site:a", "https://a.example/x?y=1", `urn:ropewalk:kem:mceliece460896:sha384:${pin.toHex()}`],
        email: ["ops@a.example"],
      },
      kemPin: pin,
      keyAlgorithm: "ed25519",
      signatureAlgorithm: "ed25519",
      subjectKeyIdentifier: undefined,
      authorityKeyIdentifier: ca.facts.subjectKeyIdentifier,
      unhandledExtensions: [],
      fingerprint: undefined,
      der: undefined,
    },
  );
  assert.match(facts.serial, /^[4-7][0-9a-f]{39}$/, "positive, and of 20 octets");
});

test("a CA says how many may stand below it", () => {
  const { isCa, pathLength, keyUsages, extendedKeyUsages } = ca.facts;
  assert.deepEqual(
    { isCa, pathLength, keyUsages, extendedKeyUsages },
    { isCa: true, pathLength: 2, keyUsages: ["keyCertSign", "cRLSign"], extendedKeyUsages: undefined },
  );
  assert.equal(rootCa("any").facts.pathLength, undefined);
  assert.equal(rootCa("none", { pathLength: 0 }).facts.pathLength, 0);
});

test("Node reads the same of it", () => {
  const read = new X509Certificate(server.facts.der);
  assert.equal(read.fingerprint256.replaceAll(":", "").toLowerCase(), server.facts.fingerprint);
  assert.equal(read.serialNumber.toLowerCase(), server.facts.serial);
  assert.equal(read.validFromDate.getTime(), server.facts.notBefore);
  assert.equal(read.validToDate.getTime(), server.facts.notAfter);
  assert.equal(read.checkHost("site-a.example"), "site-a.example");
  assert.equal(read.checkIP("2001:db8:0::1"), "2001:db8:0::1");
  assert.ok(read.checkIssued(new X509Certificate(ca.facts.der)));
  assert.equal(new X509Certificate(ca.facts.der).ca, true);
});

test("each algorithm is named, of the key and of the signature", () => {
  for (const algorithm of allSignatureAlgorithms) {
    const { facts } = rootCa("ca", {}, generateSigningKey(algorithm));
    assert.deepEqual([facts.keyAlgorithm, facts.signatureAlgorithm], [algorithm, algorithm]);
  }
});

test("a list tells its number, its times and what it revokes", () => {
  const { issuer, number, thisUpdate, nextUpdate, revoked } = list;
  assert.deepEqual(
    { issuer, number, thisUpdate, nextUpdate, revoked },
    {
      issuer: "CN=test CA",
      number: 2n ** 100n,
      thisUpdate: madeAt,
      nextUpdate: madeAt + 30 * day,
      revoked: [{ serial: server.facts.serial, at: madeAt }],
    },
  );
  assert.deepEqual(crl(ca, []).revoked, []);
});

test("a request tells what it asks for, once its own key has signed it", () => {
  const facts = readRequest(request);
  assert.equal(facts.subject, "CN=boat");
  assert.equal(facts.commonName, "boat");
  assert.deepEqual(facts.names, server.facts.names);
  assert.deepEqual(facts.kemPin, pin);
  assert.deepEqual(facts.publicKey, key.verifyingKey.toSpki());
});

test("a request that asks for another name than its key signed is refused", () => {
  const changed = request.slice();
  const at = Buffer.from(changed).indexOf("boat");
  changed.set(bytes("goat"), at);
  assert.throws(() => readRequest(changed), { code: "CRYPTO_REQUEST_UNPROVED" });
});

test("PEM and DER are read alike in each place", () => {
  for (const form of both("CERTIFICATE", server.facts.der)) assert.deepEqual(readCertificates(form), [server.facts]);
  for (const form of both("X509 CRL", list.der)) assert.deepEqual(readCrl(form), list);
  for (const form of both("CERTIFICATE REQUEST", request)) assert.equal(readRequest(form).subject, "CN=boat");
  for (const algorithm of allSignatureAlgorithms) {
    const own = generateSigningKey(algorithm);
    for (const form of both("PRIVATE KEY", own.toPkcs8().reveal()))
      assert.ok(readPrivateKey(form).verifyingKey.equals(own.verifyingKey));
    assert.ok(readPrivateKey(encodePrivateKey(own).reveal()).verifyingKey.equals(own.verifyingKey));
  }
});

test("several certificates in one file are read in their order, with whatever people wrote between them", () => {
  const pem = [server.facts, ca.facts].map(({ der }) => `about this one:\n${encodePem("CERTIFICATE", der)}\n`).join("");
  assert.deepEqual(readCertificates(bytes(pem.replaceAll("\n", "\r\n"))), [server.facts, ca.facts]);
});

test("what is something else than was asked for is named, in both forms", () => {
  const forms = {
    certificate: both("CERTIFICATE", server.facts.der),
    "certificate request": both("CERTIFICATE REQUEST", request),
    "revocation list": both("X509 CRL", list.der),
    "private key": both("PRIVATE KEY", key.toPkcs8().reveal()),
    "public key": both("PUBLIC KEY", key.verifyingKey.toSpki()),
  };
  const readers = {
    certificate: readCertificates,
    "certificate request": readRequest,
    "revocation list": readCrl,
    "private key": (octets: Uint8Array) => readPrivateKey(octets, asn1Readers),
  };
  for (const [wanted, read] of Object.entries(readers)) {
    for (const [given, octets] of Object.entries(forms)) {
      if (given === wanted) continue;
      for (const each of octets)
        assert.throws(() => read(each), {
          code: "CRYPTO_DOCUMENT_KIND",
          message: new RegExp(`holds a ${given}, and a ${wanted} is expected`),
        });
    }
  }
});

test("an encrypted key is refused with the command that decrypts it", () => {
  const encrypted = encodePem("ENCRYPTED PRIVATE KEY", new Uint8Array(64));
  assert.throws(() => readPrivateKey(bytes(encrypted)), { code: "CRYPTO_DOCUMENT_KIND", message: /openssl pkey/ });
});

test("what was cut short is refused wherever it was cut, as is what goes on behind its end", () => {
  const secret = key.toPkcs8().reveal();
  for (const [der, label, read] of [
    [server.facts.der, "CERTIFICATE", readCertificates],
    [request, "CERTIFICATE REQUEST", readRequest],
    [list.der, "X509 CRL", readCrl],
    [secret, "PRIVATE KEY", readPrivateKey],
  ] as const) {
    const refuses = (octets: Uint8Array) => assert.throws(() => read(octets), CryptoError, label);
    for (let length = 0; length < der.length; length += 7) {
      refuses(der.subarray(0, length));
      refuses(bytes(encodePem(label, der.subarray(0, length))));
    }
    const pem = encodePem(label, der);
    for (let length = 0; length < pem.length - 6; length += 7) refuses(bytes(pem.slice(0, length)));
    if (label !== "PRIVATE KEY") refuses(Uint8Array.of(...der, 0));
  }
});

test("a file of which characters got lost is refused as such", () => {
  const pem = encodePem("CERTIFICATE", ca.facts.der)
    .replaceAll("=", "")
    .replace(/[A-Za-z0-9+/](?=\n-----END)/, "");
  for (const damaged of [
    pem,
    pem.replace("\n", "\n*"),
    pem.replace("-----\n", "--\n"),
    pem.replace("END CERT", "END CRT"),
  ]) {
    assert.throws(() => readCertificates(bytes(damaged)), { code: "CRYPTO_DOCUMENT_INVALID" });
  }
});

test("no refusal of a key tells anything of the key", () => {
  const secret = encodePrivateKey(key).reveal();
  const text = new TextDecoder().decode(secret);
  const body = text.split("\n")[1] ?? "";
  for (const damaged of [
    text.slice(0, -30),
    text.replace("PRIVATE", "PRIVATEST"),
    text.replace(body.slice(0, 8), "MII====="),
  ]) {
    const said = (() => {
      try {
        readPrivateKey(bytes(damaged));
        return "nothing";
      } catch (error) {
        return `${(error as Error).stack} ${(error as Error).cause}`;
      }
    })();
    for (let at = 0; at + 8 <= body.length; at += 1) assert.ok(!said.includes(body.slice(at, at + 8)), said);
  }
});

test("every bit of a certificate counts: changed, it is refused, or says something else, or nobody signed it", () => {
  const { der } = server.facts;
  const signer = new X509Certificate(ca.facts.der).publicKey;
  fc.assert(
    fc.property(fc.nat(der.length * 8 - 1), (bit) => {
      const changed = der.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        certificateFacts(changed);
      } catch (error) {
        assert.ok(error instanceof CryptoError, String(error));
        return;
      }
      assert.equal(new X509Certificate(changed).verify(signer), false);
    }),
    { numRuns: 250 },
  );
});

test("names that could be taken for others, or for none, are not given to anybody", () => {
  for (const text of ["", " a", "a\n", "a\u0000b", "\u202eb", "x".repeat(65), "\ud800"])
    assert.equal(parseCommonName(text), undefined, text);
  assert.equal(parseCommonName("Klinik Süd, 2. Stock"), "Klinik Süd, 2. Stock");
  for (const text of [
    "",
    "*.example",
    "a..b",
    "-a",
    "a_b",
    "192.0.2.1",
    "ä.example",
    "a.example.",
    `${"x".repeat(64)}.example`,
  ])
    assert.equal(parseDnsName(text), undefined, text);
  for (const text of ["", "a", "urn:", "urn:a b", "urn:ropewalk:kem:x", "URN:Ropewalk:KEM:x", "1:x"])
    assert.equal(parseUriName(text), undefined, text);
  for (const text of ["a", "a@", "@b", "a@b@c", "a b@c"]) assert.equal(parseEmailName(text), undefined, text);
});

test("a serial is the same however it is written", () => {
  assert.equal(parseSerial("0x00:AB:cd"), "abcd");
  assert.equal(parseSerial("0"), "0");
  for (const text of ["", "-1", "xyz", "1".repeat(41)]) assert.equal(parseSerial(text), undefined, text);
});

test("names with what names are separated by are escaped, so that no name passes for two", () => {
  const odd = rootCa("a, CN=b+c=d\\");
  assert.equal(odd.facts.subject, "CN=a\\, CN\\=b\\+c\\=d\\\\");
});
