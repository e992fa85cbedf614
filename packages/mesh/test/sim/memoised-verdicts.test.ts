import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { MemoisedVerdicts } from "./memoised-verdicts.ts";

const octets = (...values: readonly number[]) => Uint8Array.from(values);
const sum = (of: Uint8Array) => of.reduce((total, octet) => total + octet, 0);

/** True where the signature is the sum of the two others. */
const verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  (sum(key) + sum(message)) % 256 === signature[0];

test("a verdict is asked for once for the same key, message and signature, good or bad", () => {
  const verdicts = new MemoisedVerdicts(verify);
  for (let time = 0; time < 3; time += 1) {
    assert.equal(verdicts.verify(octets(1), octets(2), octets(3)), true);
    assert.equal(verdicts.verify(octets(1), octets(2), octets(4)), false);
  }
  assert.deepEqual(verdicts.counts, { asked: 6, verified: 2 });
});

test("what is remembered is never the verdict on anything else", () => {
  const few = fc.uint8Array({ maxLength: 3, max: 2 });
  const asked = fc.array(fc.tuple(few, few, few), { maxLength: 60 });
  fc.assert(
    fc.property(asked, (questions) => {
      const verdicts = new MemoisedVerdicts(verify);
      for (const [key, message, signature] of questions) {
        assert.equal(verdicts.verify(key, message, signature), verify(key, message, signature));
      }
    }),
  );
});

test("octets that are changed afterwards change nothing that was remembered", () => {
  const verdicts = new MemoisedVerdicts(verify);
  const message = octets(2);
  assert.equal(verdicts.verify(octets(1), message, octets(3)), true);
  message[0] = 9;
  assert.equal(verdicts.verify(octets(1), message, octets(3)), false);
  assert.equal(verdicts.verify(octets(1), octets(2), octets(3)), true);
});

test("forgeries by the hundred thousand do not stay", () => {
  const verdicts = new MemoisedVerdicts(() => false);
  const forged = new Uint8Array(64);
  for (let count = 0; count < 100_001; count += 1) {
    new DataView(forged.buffer).setUint32(0, count);
    verdicts.verify(octets(1), octets(2), forged);
  }
  new DataView(forged.buffer).setUint32(0, 0);
  verdicts.verify(octets(1), octets(2), forged);
  assert.equal(verdicts.counts.verified, 100_002);
});

test("no source reaches it, nor anything else of the simulator", () => {
  const sources = globSync(["packages/*/src/**/*.{ts,tsx}", "apps/*/src/**/*.{ts,tsx}", "bin/**"]);
  assert.ok(sources.length > 100);
  for (const file of sources.filter((name) => /\.[mt]sx?$/.test(name))) {
    const text = readFileSync(file, "utf8");
    assert.doesNotMatch(text, /["'][^"']*(?:\/test\/|memoised-verdicts)[^"']*["']/, file);
  }
});
