/** Bad weather is no reason to switch. Samples of what `npm run soak -- sim` runs for a thousand hours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { delaySteps, tellOutcome, weathered } from "./scenarios.ts";
import { storm } from "./weather.ts";

/** Long enough for the fades of the storm to come many times. */
const inNormal = seconds(1_200);

for (const [profile, time] of [
  ["normal", inNormal],
  ["fast", seconds(300)],
] as const) {
  for (const seed of seedsToRun(process.env, { count: 1 })) {
    const about = `${time / 60_000} minutes of ${profile}, seed ${seed}`;

    test(`2 % loss in each direction, ten times the jitter and queues that fill: no switch (${about})`, () =>
      simulate(seed, async () => {
        const outcome = await weathered({ seed, profile }, time, storm);
        assert.equal(outcome.switches, 0, tellOutcome(outcome));
      }));

    test(`the same at 5 % loss: at most one switch (${about})`, () =>
      simulate(seed, async () => {
        const outcome = await weathered({ seed, profile }, time, { ...storm, loss: 0.05 });
        assert.ok(outcome.switches <= 1, tellOutcome(outcome));
      }));
  }
}

test("delay that steps by 100–500 ms makes nobody switch in normal", () =>
  simulate(1, async () => {
    const outcome = await delaySteps({ seed: 1, profile: "normal" }, inNormal);
    assert.equal(outcome.switches, 0, tellOutcome(outcome));
  }));
