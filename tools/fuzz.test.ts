/** A seeded sample of the soak: 1,500 inputs to each decoder and parser, fewer to one that is slow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, fuzzTargets } from "./fuzz.ts";

const inputs = 1_500;

for (const target of await fuzzTargets()) {
  const count = Math.min(target.sample ?? inputs, inputs);
  test(`${target.name} returns on ${count.toLocaleString("en")} hostile inputs`, () => {
    assert.deepEqual(fuzz(target, count, 2026).escapes, []);
  });
}

test("the fuzzer reports what escapes, with the input that did it", () => {
  const target = {
    name: "throws on 0xff",
    seeds: [Uint8Array.of(1, 2, 3)],
    run: (bytes: Uint8Array) => {
      if (bytes[0] === 0xff) throw new Error("escaped");
    },
  };
  const { escapes } = fuzz(target, 10_000, 1);
  assert.ok(escapes.length > 0);
  for (const { input, error } of escapes) assert.match(`${input} ${error}`, /^ff.* Error: escaped$/);
});
