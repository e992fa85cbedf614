/** Whom a certificate is believed, and every reason for which it is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isSignedBy } from "../../src/certificates/check-signature.ts";
import { noNames, parseIpName } from "../../src/certificates/pure/subject-names.ts";
import type { RefusalCode, VerificationRequest } from "../../src/certificates/pure/verification.ts";
import { verifyCertificate } from "../../src/certificates/pure/verify-certificate.ts";
import { certificateFacts } from "../../src/certificates/read-certificate.ts";
import { crlFacts } from "../../src/certificates/read-crl.ts";
import { allSignatureAlgorithms } from "../../src/signature-algorithms.ts";
import { generateSigningKey } from "../../src/signing-key.ts";
import { crl, day, type Holder, leaf, madeAt, rootCa, subordinateCa } from "./made.ts";

const ca = rootCa();
const server = leaf(ca);

function verify(request: Partial<VerificationRequest>) {
  const whole = {
    leaf: server.facts,
    authorities: [ca.facts],
    crls: [],
    now: madeAt + day,
    role: "server",
    ...request,
  } as const;
  return verifyCertificate(whole, isSignedBy);
}

function refusal(code: RefusalCode, request: Partial<VerificationRequest>): string {
  const answer = verify(request);
  assert.equal(
    answer.kind === "refused" ? `${answer.code}` : "trusted",
    code,
    answer.kind === "refused" ? answer.text : "",
  );
  return answer.kind === "refused" ? answer.text : "";
}

test("a certificate of each algorithm is trusted below its CA, until it or the CA ends", () => {
  for (const algorithm of allSignatureAlgorithms) {
    const own = rootCa("own", {}, generateSigningKey(algorithm));
    const answer = verify({ leaf: leaf(own).facts, authorities: [own.facts] });
    assert.equal(answer.kind, "trusted", algorithm);
    assert.equal(answer.until, madeAt + 365 * day);
  }
});

test("a certificate is trusted by way of intermediates, in whatever order they come, and not without them", () => {
  const upper = subordinateCa(ca, "upper");
  const lower = subordinateCa(upper, "lower");
  const { facts } = leaf(lower);
  const answer = verify({ leaf: facts, intermediates: [upper.facts, lower.facts] });
  assert.equal(answer.kind, "trusted");
  assert.deepEqual(
    answer.chain.map(({ subject }) => subject),
    ["CN=site a", "CN=lower", "CN=upper", "CN=test CA"],
  );
  refusal("unknown-authority", { leaf: facts, intermediates: [lower.facts] });
  assert.equal(
    verify({ leaf: facts, authorities: [lower.facts] }).kind,
    "trusted",
    "a CA is trusted whoever stands above",
  );
});

test("a certificate of another CA is refused, and what is trusted is named", () => {
  assert.match(refusal("unknown-authority", { authorities: [rootCa("another").facts] }), /trusted is CN=another$/);
  assert.match(refusal("unknown-authority", { authorities: [] }), /none is$/);
});

test("a CA that was made anew under its old name is told apart from a forgery", () => {
  assert.match(refusal("unknown-authority", { authorities: [rootCa().facts] }), /with another key/);
});

test("a certificate of which one bit was changed is refused", () => {
  const der = server.facts.der.slice();
  const at = der.length - 1;
  der[at] = (der[at] ?? 0) ^ 1;
  refusal("bad-signature", { leaf: certificateFacts(der) });
});

test("a certificate that vouches for itself is refused, also one that is a CA", () => {
  refusal("self-signed", { leaf: rootCa("me").facts });
});

test("a CA does not pass for one end of a connection", () => {
  const below = subordinateCa(ca, "below");
  refusal("wrong-role", { leaf: below.facts });
  refusal("wrong-role", { leaf: below.facts, role: undefined });
});

test("a server's certificate does not pass for a client's, nor the other way round", () => {
  refusal("wrong-role", { role: "client" });
  refusal("wrong-role", { leaf: leaf(ca, { role: "client" }).facts });
  assert.equal(verify({ leaf: leaf(ca, { role: "client" }).facts, role: "client" }).kind, "trusted");
  assert.equal(verify({ role: undefined }).kind, "trusted");
});

test("what is not a CA issues nothing, even with a good signature", () => {
  const forged: Holder = { ...server, facts: { ...server.facts, isCa: true, keyUsages: ["keyCertSign"] } };
  const below = leaf(forged);
  refusal("not-a-ca", { leaf: below.facts, intermediates: [server.facts] });
  refusal("not-a-ca", { leaf: below.facts, authorities: [server.facts] });
});

test("no more CAs stand below one than it allows", () => {
  const strict = rootCa("strict", { pathLength: 0 });
  const below = subordinateCa(strict, "below");
  assert.equal(verify({ leaf: leaf(strict).facts, authorities: [strict.facts] }).kind, "trusted");
  refusal("path-too-long", { leaf: leaf(below).facts, authorities: [strict.facts], intermediates: [below.facts] });
});

test("a certificate is good from its first second to its last, and so is each CA above it", () => {
  const { notBefore, notAfter } = server.facts;
  assert.equal(verify({ now: notBefore }).kind, "trusted");
  assert.equal(verify({ now: notAfter }).kind, "trusted");
  refusal("not-yet-valid", { now: notBefore - 1 });
  refusal("expired", { now: notAfter + 1 });
  const short = rootCa("short", { validity: { notBefore: madeAt, notAfter: madeAt + 10 * day } });
  assert.match(
    refusal("expired", { leaf: leaf(short).facts, authorities: [short.facts], now: madeAt + 11 * day }),
    /the CA CN=short/,
  );
});

test("a clock that is wrong by years is said so, with what it says", () => {
  assert.match(refusal("not-yet-valid", { now: 5_000 }), /1970-01-01T00:00:05Z.*the clock is probably wrong/);
  assert.match(refusal("expired", { now: Date.UTC(2060, 0, 1) }), /2060-01-01.*either the clock is wrong/);
  assert.doesNotMatch(refusal("not-yet-valid", { now: madeAt - 1 }), /probably wrong/);
  assert.doesNotMatch(refusal("expired", { now: server.facts.notAfter + day }), /wrong/);
});

test("a certificate on its CA's list is refused, and others below the CA are not", () => {
  const list = crl(ca, [server.facts]);
  refusal("revoked", { crls: [list] });
  const other = verify({ leaf: leaf(ca).facts, crls: [list] });
  assert.equal(other.kind === "trusted" && other.until, list.nextUpdate, "trust ends with the list");
});

test("an intermediate that was revoked takes down what it issued", () => {
  const below = subordinateCa(ca, "below");
  const request = { leaf: leaf(below).facts, intermediates: [below.facts] };
  assert.equal(verify({ ...request, crls: [crl(ca, [])] }).kind, "trusted");
  refusal("revoked", { ...request, crls: [crl(ca, [below.facts])] });
});

test("of several lists the one with the highest number counts, whatever their order", () => {
  const lists = [crl(ca, []), crl(ca, [server.facts], { number: 2n })];
  refusal("revoked", { crls: lists });
  refusal("revoked", { crls: lists.toReversed() });
});

test("a list that has ended, or has not begun, refuses everything below its CA", () => {
  refusal("crl-expired", { crls: [crl(ca, [])], now: madeAt + 31 * day });
  refusal("crl-not-yet-valid", { crls: [crl(ca, [], { thisUpdate: madeAt + 2 * day })] });
});

test("a list that its CA did not sign refuses, and so does one that was changed", () => {
  const list = crl(ca, []);
  const der = list.der.slice();
  const at = der.length - 1;
  der[at] = (der[at] ?? 0) ^ 1;
  refusal("crl-bad-signature", { crls: [crlFacts(der)] });
  const foreign = { ...crl(rootCa(), []), authorityKeyIdentifier: undefined };
  refusal("crl-bad-signature", { crls: [list, foreign] });
});

test("a list of another CA, or of an older CA of that name, is no business of this one", () => {
  assert.equal(verify({ crls: [crl(rootCa("another"), [server.facts]), crl(rootCa(), [])] }).kind, "trusted");
});

test("a list of a kind that is not understood refuses", () => {
  refusal("crl-unusable", { crls: [{ ...crl(ca, []), unhandledExtensions: ["2.5.29.28"] }] });
});

test("a list that is demanded and absent refuses", () => {
  refusal("crl-missing", { demands: ["crl"] });
  assert.equal(verify({ demands: ["crl"], crls: [crl(ca, [])] }).kind, "trusted");
});

test("an algorithm that is not accepted refuses, in the certificate and in the CA", () => {
  refusal("weak-algorithm", { algorithms: ["ml-dsa-65"] });
  const strong = leaf(ca, {}, "ml-dsa-65").facts;
  assert.match(refusal("weak-algorithm", { leaf: strong, algorithms: ["ml-dsa-65"] }), /uses ed25519/);
});

test("an accepted key does not make up for a signature that is not", () => {
  const sha1WithRsa = "1.2.840.113549.1.1.5";
  refusal("weak-algorithm", { leaf: { ...server.facts, signatureAlgorithm: sha1WithRsa } });
  const authorities = [{ ...ca.facts, signatureAlgorithm: sha1WithRsa }];
  assert.equal(verify({ authorities }).kind, "trusted", "what a trusted CA says of itself does not matter");
});

test("a restriction that is not understood refuses", () => {
  refusal("unhandled-extension", { leaf: { ...server.facts, unhandledExtensions: ["2.5.29.30"] } });
});

test("a certificate that names nobody is refused; an address is a name, and a pin is none", () => {
  const ip = parseIpName("192.0.2.1");
  assert.ok(ip !== undefined);
  refusal("no-names", { leaf: leaf(ca, { names: noNames }).facts });
  refusal("no-names", { leaf: leaf(ca, { names: noNames, kemPin: new Uint8Array(48) }).facts });
  assert.equal(verify({ leaf: leaf(ca, { names: { ...noNames, ip: [ip] } }).facts }).kind, "trusted");
});

test("a pin that cannot be told refuses, and so does one that is demanded and absent", () => {
  const pinned = leaf(ca, { kemPin: new Uint8Array(48).fill(7) }).facts;
  assert.equal(verify({ leaf: pinned, demands: ["kem-pin"] }).kind, "trusted");
  refusal("kem-pin", { demands: ["kem-pin"] });
  const [uri = ""] = pinned.names.uri;
  refusal("kem-pin", { leaf: { ...pinned, names: { ...pinned.names, uri: [uri, uri] } } });
  refusal("kem-pin", { leaf: { ...pinned, names: { ...pinned.names, uri: [uri.slice(0, -1)] } } });
});

test("a peer that sends many intermediates does not choose how many signatures are checked", () => {
  const nameless = {
    subject: "CN=loop",
    issuer: "CN=loop",
    authorityKeyIdentifier: undefined,
    subjectKeyIdentifier: undefined,
  };
  const loop = Array.from({ length: 200 }, (_, index) => ({ ...ca.facts, ...nameless, fingerprint: String(index) }));
  let checks = 0;
  const first = { ...server.facts, ...nameless };
  const request = {
    leaf: first,
    intermediates: loop,
    authorities: [],
    crls: [],
    now: madeAt,
    role: undefined,
  } as const;
  const answer = verifyCertificate(request, () => {
    checks += 1;
    return true;
  });
  assert.equal(answer.kind, "refused");
  assert.ok(checks <= 66, `${checks} checks`);
});
