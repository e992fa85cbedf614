/**
 * The openssl of this machine reads what is written here, and agrees; and what it writes is read here. ML-DSA only where it knows it
 * (OpenSSL 3.5; Debian 12 has 3.0).
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isSignedBy } from "../../src/certificates/check-signature.ts";
import { encodePrivateKey, readPrivateKey } from "../../src/certificates/private-key-file.ts";
import { createRequest } from "../../src/certificates/pure/create-request.ts";
import { encodePem } from "../../src/certificates/pure/pem.ts";
import { noNames, parseDnsName } from "../../src/certificates/pure/subject-names.ts";
import { verifyCertificate } from "../../src/certificates/pure/verify-certificate.ts";
import { readCertificates } from "../../src/certificates/read-certificate.ts";
import { readCrl } from "../../src/certificates/read-crl.ts";
import { readRequest } from "../../src/certificates/read-request.ts";
import { certificateSigner } from "../../src/certificates/signer.ts";
import { allSignatureAlgorithms, type SignatureAlgorithm } from "../../src/signature-algorithms.ts";
import { generateSigningKey } from "../../src/signing-key.ts";
import { commonName, crl, day, leaf, madeAt, rootCa, subordinateCa } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-openssl-"));
after(() => rmSync(folder, { recursive: true }));

function openssl(...words: readonly string[]): string {
  return execFileSync("openssl", words, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return name;
}

const knowsMlDsa = /ML-DSA-65/i.test(
  spawnSync("openssl", ["list", "-signature-algorithms"], { encoding: "utf8" }).stdout,
);
const algorithms = allSignatureAlgorithms.filter((each) => each !== "ml-dsa-65" || knowsMlDsa);
const at = String((madeAt + day) / 1_000);

for (const algorithm of algorithms) {
  test(`openssl verifies a chain of ${algorithm}, by its own reading of role, path length and revocation`, () => {
    const root = rootCa("root", { pathLength: 1 }, generateSigningKey(algorithm));
    const below = subordinateCa(root, "below", { pathLength: 0 });
    const server = leaf(below, { kemPin: new Uint8Array(48).fill(3) });
    const revoked = leaf(below);
    const pem = (name: string, der: Uint8Array) => write(name, encodePem("CERTIFICATE", der));
    const trust = [
      "-CAfile",
      pem("root.crt", root.facts.der),
      "-untrusted",
      pem("below.crt", below.facts.der),
      "-attime",
      at,
    ];
    const lists = [crl(root, []), crl(below, [revoked.facts])].map(({ der }) => encodePem("X509 CRL", der));
    const checks = ["-x509_strict", "-crl_check_all", "-CRLfile", write("all.crl", lists.join(""))];
    const verify = (name: string, purpose: string) =>
      spawnSync("openssl", ["verify", "-purpose", purpose, ...trust, ...checks, name], {
        cwd: folder,
        encoding: "utf8",
      });
    const good = verify(pem("server.crt", server.facts.der), "sslserver");
    assert.match(good.stdout, /server.crt: OK/, good.stderr);
    assert.match(
      verify("server.crt", "sslclient").stderr,
      /unsuitable certificate purpose|unsupported certificate purpose/i,
    );
    assert.match(verify(pem("revoked.crt", revoked.facts.der), "sslserver").stderr, /certificate revoked/);
    const text = openssl("x509", "-in", "server.crt", "-noout", "-text");
    assert.match(text, /DNS:site-a.example, URI:urn:ropewalk:kem:mceliece460896:sha384:0303/);
    assert.match(
      openssl("crl", "-in", write("one.crl", lists[1] ?? ""), "-noout", "-text"),
      /X509v3 CRL Number:\s+1\b/,
    );
  });

  test(`openssl reads a request and a key of ${algorithm}`, () => {
    const key = generateSigningKey(algorithm);
    const dns = [parseDnsName("boat.example")].filter((name) => name !== undefined);
    const order = { name: commonName("boat"), names: { ...noNames, dns }, kemPin: undefined };
    const file = write("boat.csr", encodePem("CERTIFICATE REQUEST", createRequest(order, certificateSigner(key))));
    const request = spawnSync("openssl", ["req", "-in", file, "-noout", "-verify", "-text"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.match(`${request.stdout}${request.stderr}`, /self-signature verify OK/);
    assert.match(request.stdout, /DNS:boat.example/);
    write("boat.key", encodePrivateKey(key).reveal());
    const spki = openssl("pkey", "-in", "boat.key", "-pubout");
    assert.equal(spki, encodePem("PUBLIC KEY", key.verifyingKey.toSpki()));
  });
}

const generated: Readonly<Record<SignatureAlgorithm, readonly string[]>> = {
  "ml-dsa-65": ["genpkey", "-algorithm", "ML-DSA-65"],
  ed25519: ["genpkey", "-algorithm", "ED25519"],
  "p-256": ["ecparam", "-name", "prime256v1", "-genkey"],
};

for (const algorithm of algorithms) {
  test(`what openssl makes of ${algorithm} is read and judged here: keys, requests, certificates, lists`, () => {
    openssl(...generated[algorithm], "-out", "theirs.key");
    const key = readPrivateKey(readFileSync(join(folder, "theirs.key")));
    assert.equal(key.algorithm, algorithm);
    const alone = ["-subj", "/O=clinic/CN=theirs", "-config", "/dev/null"];
    openssl(
      "req",
      "-new",
      "-key",
      "theirs.key",
      "-out",
      "theirs.csr",
      ...alone,
      "-addext",
      "subjectAltName=DNS:a.example",
    );
    const request = readRequest(readFileSync(join(folder, "theirs.csr")));
    assert.deepEqual([request.subject, request.names.dns], ["O=clinic, CN=theirs", ["a.example"]]);
    const usage = ["-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
    openssl(
      "req",
      "-new",
      "-x509",
      "-days",
      "100",
      "-key",
      "theirs.key",
      "-out",
      "theirs.crt",
      ...alone,
      ...usage,
      "-addext",
      "subjectKeyIdentifier=hash",
    );
    const [facts] = readCertificates(readFileSync(join(folder, "theirs.crt")));
    assert.ok(facts !== undefined);
    // Their CA, with an identifier made their way, issues here.
    const server = leaf({ facts, key }, { validity: { notBefore: facts.notBefore, notAfter: facts.notAfter } });
    const trust = { authorities: [facts], now: facts.notBefore + day, role: "server" } as const;
    write("database", "");
    write("number", "1005\n");
    write("ca.cnf", "[ca]\ndatabase = database\ncrlnumber = number\ndefault_md = default\n");
    openssl(
      "ca",
      "-gencrl",
      "-config",
      "ca.cnf",
      "-name",
      "ca",
      "-keyfile",
      "theirs.key",
      "-cert",
      "theirs.crt",
      "-crldays",
      "9",
      "-out",
      "theirs.crl",
    );
    const list = readCrl(readFileSync(join(folder, "theirs.crl")));
    assert.deepEqual([list.issuer, list.number, isSignedBy(list, facts)], ["O=clinic, CN=theirs", 0x1005n, true]);
    assert.equal(verifyCertificate({ leaf: server.facts, crls: [list], ...trust }, isSignedBy).kind, "trusted");
    write("server.crt", encodePem("CERTIFICATE", server.facts.der));
    const verified = spawnSync("openssl", ["verify", "-CAfile", "theirs.crt", "server.crt"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.match(verified.stdout, /OK/, verified.stderr);
  });
}
