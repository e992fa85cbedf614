/** Metered uplinks: what a day costs, and how soon their death is noticed by those who use them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { deathsUnderTraffic, ecoDay } from "./eco.ts";

test("an idle day costs at most 1 MB an uplink, and the data account and the forecast say what the wire carried", () =>
  simulate(1, async () => {
    const { onWire, accounted, foretold, byKind } = await ecoDay(1);
    assert.ok(onWire <= 1_000_000, `${onWire} bytes`);
    assert.ok(Math.abs(accounted / onWire - 1) < 0.02, `${accounted} accounted, ${onWire} on the wire`);
    assert.ok(Math.abs(foretold / onWire - 1) < 0.1, `${foretold} foretold, ${onWire} on the wire`);
    for (const [kind, { probes }] of Object.entries(byKind)) assert.ok(probes > 0, `no ${kind} in a day`);
  }));

for (const traffic of ["call", "upload", "browsing"] as const) {
  for (const seed of seedsToRun(process.env, { count: 1 })) {
    test(`a dead uplink is found within two seconds while it is used (${traffic}, seed ${seed})`, () =>
      simulate(seed, async () => {
        const found = await deathsUnderTraffic({ seed }, traffic, 40);
        const late = found.filter((time) => time === undefined || time > 2_000);
        assert.deepEqual(late, []);
      }));
  }
}
