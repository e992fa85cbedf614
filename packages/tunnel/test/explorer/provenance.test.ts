import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { Provenance } from "./provenance.ts";

const nobody = () => false;
const none: ReadonlySet<number> = new Set();
const text = (words: string) => new TextEncoder().encode(words);

test("hashes and MACs are the real ones", () => {
  const { hash, hmac } = new Provenance();
  assert.deepEqual(Buffer.from(hash(text("a"), text("b"))), createHash("sha384").update("ab").digest());
  assert.deepEqual(Buffer.from(hmac(text("k"), text("a"))), createHmac("sha384", "k").update("a").digest());
});

test("who has every secret that went in can make what came out, and nobody else can", () => {
  const provenance = new Provenance();
  const [one, other] = [provenance.drawn("one", 32), provenance.drawn("other", 32)];
  const made = provenance.hmac(provenance.hash(text("label"), one), text("more"), other);
  assert.equal(provenance.isDerivable(made, nobody, none), false);
  assert.equal(
    provenance.isDerivable(made, (name) => name === "one", none),
    false,
  );
  assert.equal(
    provenance.isDerivable(made, () => true, none),
    true,
  );
  assert.equal(provenance.isDerivable(provenance.hash(text("public")), nobody, none), true);
});

test("what was sent is known, with all that comes of it, and what it came from is not", () => {
  const provenance = new Provenance();
  const secret = provenance.drawn("secret", 48);
  const sent = provenance.hash(secret);
  const later = provenance.hash(sent);
  const known = new Set(provenance.secretsIn(Buffer.concat([text("before"), sent])));
  assert.deepEqual(
    [secret, sent, later].map((value) => provenance.isDerivable(value, nobody, known)),
    [false, true, true],
  );
});

test("a key that was cut from an output is as secret as that", () => {
  const provenance = new Provenance();
  const output = provenance.hash(provenance.drawn("secret", 48));
  assert.equal(provenance.isDerivable(output.slice(0, 12), nobody, none), false);
});
