import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { type Contribution, combineSecrets } from "@ropewalk/crypto/pure/hybrid-combiner";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { sha384 } from "@ropewalk/crypto/sha384";
import fc from "fast-check";

const octets = fc.uint8Array({ minLength: 1, maxLength: 40 });
const contribution = fc.record({
  name: fc.string({ minLength: 1, maxLength: 12 }),
  secret: octets,
  publicKey: octets,
  ciphertext: octets,
});
const several = fc.array(contribution, { minLength: 1, maxLength: 4 });
const label = "ropewalk test v1";

const combine = (contributions: readonly Contribution[], context: Uint8Array, from = label) =>
  combineSecrets(sha384, from, contributions, context).toHex();

test("the combined secret is HKDF-Extract of the framed secrets, salted with the hash of all that is public", () => {
  const frame = (...parts: readonly Uint8Array[]) =>
    Buffer.concat(
      parts.flatMap((part) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(part.length);
        return [length, part];
      }),
    );
  const hash = (data: Uint8Array) => createHash("sha384").update(data).digest();
  fc.assert(
    fc.property(several, octets, (contributions, context) => {
      const parts = contributions.map(({ name, publicKey, ciphertext }) =>
        hash(frame(utf8(name), publicKey, ciphertext)),
      );
      const salt = hash(frame(utf8(label), ...parts, context));
      const secrets = frame(...contributions.map(({ secret }) => secret));
      assert.equal(combine(contributions, context), createHmac("sha384", salt).update(secrets).digest("hex"));
    }),
    { numRuns: 50 },
  );
});

test("a bit changed in any secret, public key, ciphertext, name, label or context changes the result", () => {
  const flipped = (whole: Uint8Array, bit: number) => {
    const copy = Uint8Array.from(whole);
    const at = Math.floor(bit / 8) % copy.length;
    copy[at] = (copy[at] as number) ^ (1 << (bit % 8));
    return copy;
  };
  fc.assert(
    fc.property(several, octets, fc.nat(), fc.nat(3_000), (contributions, context, which, bit) => {
      const before = combine(contributions, context);
      const at = which % contributions.length;
      for (const field of ["secret", "publicKey", "ciphertext"] as const) {
        const changed = contributions.map((one, index) =>
          index === at ? { ...one, [field]: flipped(one[field], bit) } : one,
        );
        assert.notEqual(combine(changed, context), before, field);
      }
      const renamed = contributions.map((one, index) => (index === at ? { ...one, name: `${one.name}'` } : one));
      assert.notEqual(combine(renamed, context), before, "name");
      assert.notEqual(combine(contributions, flipped(context, bit)), before, "context");
      assert.notEqual(combine(contributions, context, `${label}'`), before, "label");
    }),
    { numRuns: 100 },
  );
});

test("contributions that are left out, doubled or in another order give another result", () => {
  const [a, b] = ["x25519", "mlkem768"].map((name) => ({
    name,
    secret: utf8("same"),
    publicKey: utf8("same"),
    ciphertext: utf8("same"),
  })) as [Contribution, Contribution];
  const context = utf8("context");
  const results = [[a], [b], [a, b], [b, a], [a, a], []].map((contributions) => combine(contributions, context));
  assert.equal(new Set(results).size, results.length);
});

test("octets that move from a contribution's public key into its ciphertext give another result", () => {
  const one = { name: "x", secret: utf8("s"), publicKey: utf8("ab"), ciphertext: utf8("c") };
  const moved = { ...one, publicKey: utf8("a"), ciphertext: utf8("bc") };
  assert.notEqual(combine([one], utf8("")), combine([moved], utf8("")));
});
