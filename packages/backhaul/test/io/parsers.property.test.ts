import { test } from "node:test";
import fc from "fast-check";
import { fuzzTargets } from "./fuzz-targets.ts";

for (const { name, run, seeds = [] } of fuzzTargets) {
  test(`${name}: never throws, on any octets and on damaged files`, () => {
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.uint8Array({ maxLength: 32 }))
      .map(([seed, at, bytes]) => {
        const copy = Uint8Array.from(seed);
        copy.set(bytes.subarray(0, copy.length), at % Math.max(1, copy.length - bytes.length));
        return copy;
      });
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 512 }), damaged), run), { numRuns: 2000 });
  });
}
