/** What is told of certificates and lists that run out, and when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateFacts, CrlFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import {
  type CertificateFile,
  expiringOf,
  holderOf,
  lifetimeOf,
  noticesOf,
  type Said,
  stageOf,
} from "@ropewalk/tunnel/pure/expiring";

const from = Date.UTC(2026, 0, 1);
const day = 86_400_000;

/** Good for ninety days: due after sixty. */
function certificate(name: string): CertificateFacts {
  const times = { notBefore: from, notAfter: from + 90 * day };
  const rest = {
    kind: "certificate",
    subject: `CN=${name}`,
    fingerprint: name,
    ...times,
  } satisfies Partial<CertificateFacts>;
  return rest as unknown as CertificateFacts;
}

function list(issuer: string, number: bigint, days: number): CrlFacts {
  const times = { thisUpdate: from, nextUpdate: from + days * day };
  const rest = {
    kind: "crl",
    issuer: `CN=${issuer}`,
    fingerprint: `${issuer} ${number}`,
    number,
    ...times,
  } satisfies Partial<CrlFacts>;
  return { ...rest, authorityKeyIdentifier: undefined } as unknown as CrlFacts;
}

const own: CertificateFile = { kind: "own", path: "a.crt", certificates: [certificate("site"), certificate("below")] };

/** What is said at each of these days, in words. */
function story(files: readonly CertificateFile[], days: readonly number[]): readonly string[] {
  let said: Said = new Set();
  return days.flatMap((at) => {
    const step = noticesOf(expiringOf(files), said, from + at * day);
    said = step.said;
    return step.notices.map(({ expiring, stage }) => `${at}: ${expiring.kind} ${holderOf(expiring)} ${stage}`);
  });
}

test("what runs out is told once when a third of its life is left, and once when it has ended", () => {
  const leaf: CertificateFile = { ...own, certificates: [certificate("site")] };
  assert.deepEqual(story([leaf], [0, 59, 60, 61, 89, 90, 91, 400]), ["60: own CN=site due", "91: own CN=site expired"]);
});

test("a clock that is set back and forth does not have it told again", () => {
  const leaf: CertificateFile = { ...own, certificates: [certificate("site")] };
  assert.deepEqual(story([leaf], [61, 10, 62, 91, 70, 92]), ["61: own CN=site due", "91: own CN=site expired"]);
});

test("what is not valid yet is told, since the clock may be wrong", () => {
  assert.equal(story([own], [-3])[0], "-3: own CN=site not-yet-valid");
});

test("a renewed one is told of anew when its own time comes", () => {
  const before = expiringOf([own]);
  const after = expiringOf([{ ...own, certificates: [{ ...certificate("site"), fingerprint: "renewed" }] }]);
  const { said } = noticesOf(before, new Set(), from + 61 * day);
  assert.equal(noticesOf(after, said, from + 61 * day).notices.length, 1);
  assert.deepEqual([...noticesOf(after, said, from).said], [], "what is no longer there is forgotten");
});

test("the first of the own file is the end's own; what follows, and what other files hold, are CAs, each told of once", () => {
  const authorities: CertificateFile = {
    ...{ kind: "authorities", path: "ca.crt" },
    certificates: [certificate("CA"), certificate("below")],
  };
  assert.deepEqual(
    expiringOf([own, authorities]).map((each) => [each.kind, holderOf(each), each.path]),
    [
      ["own", "CN=site", "a.crt"],
      ["authority", "CN=below", "a.crt"],
      ["authority", "CN=CA", "ca.crt"],
    ],
  );
});

test("of a CA's lists the newest counts, whichever file comes first, and another CA's is another", () => {
  const lists: CertificateFile = {
    kind: "revocation-lists",
    path: "a.crl",
    lists: [list("A", 1n, 30), list("B", 1n, 30)],
  };
  const newer: CertificateFile = { kind: "revocation-lists", path: "b.crl", lists: [list("A", 2n, 60)] };
  for (const files of [
    [lists, newer],
    [newer, lists],
  ]) {
    const found = expiringOf(files).map(
      (each) => `${holderOf(each)} ${each.path} ${(lifetimeOf(each).notAfter - from) / day}`,
    );
    assert.deepEqual(found.toSorted(), ["CN=A b.crl 60", "CN=B a.crl 30"]);
  }
});

test("a list that ends in time for the next one is good, and due before it ends", () => {
  const [only] = expiringOf([{ kind: "revocation-lists", path: "a.crl", lists: [list("A", 1n, 30)] }]);
  assert(only !== undefined);
  assert.deepEqual(
    [0, 20, 30, 31].map((at) => stageOf(only, from + at * day)),
    ["fresh", "due", "due", "expired"],
  );
});
