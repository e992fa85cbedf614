/** The decoders of probing on anything that the network may bring. */
import { test } from "node:test";
import fc from "fast-check";
import { fuzzTargets } from "./fuzz-targets.ts";

for (const { name, run, seeds } of fuzzTargets) {
  test(`${name}: never throws, on any octets and on damaged messages`, () => {
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.uint8Array({ maxLength: 8 }))
      .map(([seed, at, octets]) => {
        const copy = Uint8Array.from(seed);
        copy.set(octets.subarray(0, copy.length), at % Math.max(1, copy.length - octets.length));
        return copy;
      });
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 512 }), damaged), run), { numRuns: 3_000 });
  });
}
