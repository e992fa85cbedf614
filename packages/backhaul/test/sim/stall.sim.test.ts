/** When our own process sleeps, no uplink is to blame. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { stalled, tellOutcome } from "./scenarios.ts";

for (const [profile, time] of [
  ["fast", seconds(300)],
  ["normal", seconds(1_800)],
  ["eco", seconds(1_800)],
] as const) {
  for (const seed of seedsToRun(process.env, { count: 1 })) {
    test(`stalls of 0.5–5 s make no uplink down (${profile}, seed ${seed})`, () =>
      simulate(seed, async () => {
        const outcome = await stalled({ seed, profile }, time, undefined);
        assert.equal(outcome.downs, 0, tellOutcome(outcome));
        assert.equal(outcome.switches, 0, tellOutcome(outcome));
      }));
  }
}
