import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { signRaw, verifyRaw } from "@ropewalk/crypto/raw-signatures";
import { allSignatureAlgorithms, signatureAlgorithms } from "@ropewalk/crypto/signature-algorithms";
import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign, verify } from "@ropewalk/crypto/signatures";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import fc from "fast-check";

const domain = signatureDomain("ropewalk test v1");
const parts = [utf8("one"), utf8("two")];

for (const algorithm of allSignatureAlgorithms) {
  const key = generateSigningKey(algorithm);

  test(`a signature of ${algorithm} holds for its key, domain and parts, and for nothing else`, () => {
    const { verifyingKey } = key;
    const signature = sign(key, domain, ...parts);
    assert.equal(signature.length, signatureAlgorithms[algorithm].signatureLength);
    assert.ok(verify(verifyingKey, domain, signature, ...parts));
    assert.ok(!verify(generateSigningKey(algorithm).verifyingKey, domain, signature, ...parts));
    assert.ok(!verify(verifyingKey, signatureDomain("ropewalk test v2"), signature, ...parts));
    assert.ok(!verify(verifyingKey, domain, signature, utf8("onet"), utf8("wo")));
    assert.ok(!verify(verifyingKey, domain, signature, utf8("onetwo")));
    assert.ok(!verify(verifyingKey, domain, signature, ...parts, utf8("")));
  });

  test(`no changed signature of ${algorithm} verifies, and none throws`, () => {
    const signature = sign(key, domain, ...parts);
    fc.assert(
      fc.property(fc.nat(signature.length * 8 - 1), (bit) => {
        const changed = Uint8Array.from(signature);
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.ok(!verify(key.verifyingKey, domain, changed, ...parts));
      }),
      { numRuns: 60 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        assert.ok(!verify(key.verifyingKey, domain, octets, ...parts));
        assert.ok(!verifyRaw(key.verifyingKey, utf8("message"), octets));
      }),
      { numRuns: 60 },
    );
  });

  test(`what ${algorithm} signs for X.509 never passes for what a protocol signed, nor the other way about`, () => {
    const raw = signRaw(key, utf8("onetwo"));
    assert.ok(verifyRaw(key.verifyingKey, utf8("onetwo"), raw));
    assert.ok(!verify(key.verifyingKey, domain, raw, utf8("onetwo")));
    assert.ok(!verifyRaw(key.verifyingKey, utf8("onetwo"), sign(key, domain, utf8("onetwo"))));
  });
}

test("a domain names Ropewalk, a purpose and a version", () => {
  for (const good of ["ropewalk announce v1", "ropewalk mesh key-package v12"])
    assert.equal(signatureDomain(good), good);
  for (const bad of [
    "",
    "announce v1",
    "ropewalk announce",
    "ropewalk announce v0",
    "ropewalk Ä v1",
    "ropewalk a v1\n",
  ]) {
    assert.throws(() => signatureDomain(bad), { code: "INTERNAL" });
  }
  assert.throws(() => signatureDomain(`ropewalk ${"a".repeat(250)} v1`), { code: "INTERNAL" });
});
