/** A resumption is from the return of the wire to the first answer after it, by one clock. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { resumptions } from "./outages.ts";

/** Messages due at 0, 1, 2, 3 and 4 ms; those of 1 to 3 ms wait until 50 ms. */
const answers = { began: 1_000_000_000n, everyMicros: 1_000, micros: [100, 49_000, 48_000, 47_100, 47_000] };
const at = (milliseconds: number) => ({ returnedAt: 1_000_000_000n + BigInt(milliseconds * 1e6) });

test("what waited is answered a while after the wire is back", () => {
  assert.deepEqual(resumptions(answers, [at(30), at(49)]), [20, 1]);
});

test("an answer from before the return is none", () => {
  assert.deepEqual(resumptions(answers, [at(50.05)]), [0.05]);
});

test("a wire after whose return nothing comes was never resumed", () => {
  assert.deepEqual(resumptions(answers, [at(60)]), [Number.POSITIVE_INFINITY]);
  assert.deepEqual(resumptions({ ...answers, micros: [] }, [at(0)]), [Number.POSITIVE_INFINITY]);
});
