/** Metered uplinks: what a day costs, and how soon their death is noticed by those who use them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { deathsUnderTraffic, ecoDay } from "./eco.ts";

const hours = 1;

for (const families of [["ipv4"], ["ipv6"], ["ipv4", "ipv6"]] as const) {
  test(`an idle day costs at most 1 MB an uplink, and the account and the forecast say what the wire carried (${families})`, () =>
    simulate(1, async () => {
      const { onWire, accounted, foretold, byKind } = await ecoDay(1, families, hours);
      const aDay = (onWire * 24) / hours;
      assert.ok(aDay <= 1_000_000, `${aDay} bytes`);
      assert.ok(Math.abs(accounted / onWire - 1) < 0.02, `${accounted} accounted, ${onWire} on the wire`);
      assert.ok(Math.abs(foretold / aDay - 1) < 0.1, `${foretold} foretold, ${aDay} on the wire`);
      for (const [kind, { probes }] of Object.entries(byKind)) assert.ok(probes > 0, `no ${kind} in ${hours} hours`);
    }));
}

for (const traffic of ["call", "upload", "browsing"] as const) {
  for (const seed of seedsToRun(process.env, { count: 1 })) {
    test(`a dead uplink is found within two seconds while it is used (${traffic}, seed ${seed})`, () =>
      simulate(seed, async () => {
        const found = await deathsUnderTraffic({ seed }, traffic, 15);
        const late = found.filter((time) => time === undefined || time > 2_000);
        assert.deepEqual(late, []);
      }));
  }
}
