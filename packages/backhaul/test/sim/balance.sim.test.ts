/**
 * Balance mode with the whole service: who shares while lines die, come back and have bad weather, and how rarely weights move.
 * More seeds: `npm run soak -- "sim shared traffic"`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { settledSite } from "./scenarios.ts";
import type { Site } from "./site.ts";
import { storm, worsen } from "./weather.ts";

const minutes = (count: number): Millis => seconds(60 * count);

function sharesOf(site: Site): string {
  const { shares } = site.service.status().decisions.ipv4;
  return shares.map(({ name, weight }) => `${name} ${weight}`).join(", ");
}

for (const seed of seedsToRun(process.env, { count: 1 })) {
  test(`the dead share nothing, and who comes back shares again (seed ${seed})`, () =>
    simulate(seed, async () => {
      await using site = await settledSite({ seed, profile: "normal", settings: { mode: "balance" } });
      const [, wan1] = site.uplinks;
      assert.equal(sharesOf(site), "wan0 10, wan1 10");
      assert.match(site.service.status().decisions.ipv4.reason, /shared by score: wan0 50 %, wan1 50 %$/);
      site.cut(wan1);
      site.run(minutes(1));
      assert.equal(sharesOf(site), "");
      site.heal(wan1);
      site.run(minutes(2));
      assert.equal(sharesOf(site), "wan0 10, wan1 10");
      const uplinkId = site.service.status().uplinks.find(({ name }) => name === "wan1")?.id;
      assert.ok(uplinkId !== undefined);
      site.service.order({ kind: "drain", uplinkId });
      assert.equal(sharesOf(site), "");
      site.service.order({ kind: "release", uplinkId });
      assert.equal(sharesOf(site), "wan0 10, wan1 10");
    }));

  test(`in an hour of bad weather the weights move a few times only (seed ${seed})`, () =>
    simulate(seed, async () => {
      await using site = await settledSite({ seed, profile: "normal", settings: { mode: "balance" } });
      const told: string[] = [];
      site.service.subscribe(() => {
        if (told.at(-1) !== sharesOf(site)) told.push(sharesOf(site));
      });
      worsen(site, storm);
      site.run(minutes(60));
      assert.ok(told.length <= 20, told.join("; "));
    }));

  test(`an uplink that loses a lot for minutes gets less (seed ${seed})`, () =>
    simulate(seed, async () => {
      await using site = await settledSite({ seed, profile: "fast", settings: { mode: "balance" } });
      const [, wan1] = site.uplinks;
      wan1.wire.there.change({ loss: { kind: "random", share: 0.13 } });
      site.run(minutes(2));
      assert.match(sharesOf(site), /^wan0 10, wan1 [5-9]$/);
    }));
}
