import assert from "node:assert/strict";
import { test } from "node:test";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign, verify } from "@ropewalk/crypto/signatures";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import fc from "fast-check";
import { accumulatedMlDsa, mlDsaDigests } from "./accumulated.ts";

test("noble verifies what Node signed with the domain as ML-DSA's context, and Node what noble signed", () => {
  const domain = signatureDomain("ropewalk test v1");
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(seed, fc.uint8Array({ maxLength: 60 }), (octets, part) => {
      const key = signingKeyFromSeed("ml-dsa-65", new SecretBytes(Uint8Array.from(octets)));
      const { publicKey, secretKey } = ml_dsa65.keygen(octets);
      const context = utf8(domain);
      assert.ok(ml_dsa65.verify(sign(key, domain, part), framed(part), publicKey, { context }));
      assert.ok(verify(key.verifyingKey, domain, ml_dsa65.sign(framed(part), secretKey, { context }), part));
    }),
    { numRuns: 6 },
  );
});

test("a hundred accumulated vectors of ML-DSA-65 give the published digest", () => {
  assert.equal(accumulatedMlDsa(100), mlDsaDigests[100]);
});
