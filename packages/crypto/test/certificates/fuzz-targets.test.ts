/** A quick look that every fuzz target takes its own seeds and a few bytes; the runs that count are the fuzzer's. */
import { test } from "node:test";
import fc from "fast-check";
import { fuzzTargets } from "./fuzz-targets.ts";

for (const { name, run, seeds } of fuzzTargets) {
  test(`${name} returns on its seeds and on random bytes`, () => {
    for (const seed of seeds) run(seed);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), run), { numRuns: 200 });
  });
}
