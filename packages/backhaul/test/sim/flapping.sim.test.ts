/** An uplink that flaps once a second is left, stays left, and is used again soon after it has come to rest. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { flapping, tellOutcome } from "./scenarios.ts";

for (const profile of ["normal", "fast"] as const) {
  for (const how of ["blackhole", "carrier"] as const) {
    // Blackholes meet pulses in another phase with every seed; carriers are told.
    for (const seed of seedsToRun(process.env, { count: how === "blackhole" && profile === "normal" ? 2 : 1 })) {
      test(`ten minutes of 1 Hz flapping (${how}, ${profile}, seed ${seed})`, () =>
        simulate(seed, async () => {
          const outcome = await flapping({ seed, profile }, how);
          const { switches, availability, backAfter } = outcome;
          assert.ok(availability >= 0.99, `availability ${availability}\n${tellOutcome(outcome)}`);
          assert.ok(switches <= 3, tellOutcome(outcome));
          assert.ok(backAfter !== undefined && backAfter <= 60_000, `back after ${backAfter}\n${tellOutcome(outcome)}`);
        }));
    }
  }
}
