/** The operator's orders on lines that die, come back and have bad weather, with the whole service. More seeds: `npm run soak -- "sim orders"`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperatorOrder } from "@ropewalk/backhaul/pure/orders";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { settledSite } from "./scenarios.ts";
import type { Site } from "./site.ts";
import { storm, worsen } from "./weather.ts";

const minutes = (count: number): Millis => seconds(60 * count);

function order(site: Site, kind: OperatorOrder["kind"], name: string): void {
  const uplinkId = site.service.status().uplinks.find((uplink) => uplink.name === name)?.id;
  assert.ok(uplinkId !== undefined);
  assert.deepEqual(site.service.order({ kind, uplinkId }), { kind: "done" });
}

function healthText(site: Site): string {
  const { subsystems } = site.health.snapshot();
  return subsystems.map(({ reason }) => reason ?? "").join();
}

for (const seed of seedsToRun(process.env, { count: 1 })) {
  test(`a pin is held through death and storm, left only without carrier, and ends with a release (seed ${seed})`, () =>
    simulate(seed, async () => {
      await using site = await settledSite({ seed, profile: "normal" });
      const [, wan1] = site.uplinks;
      order(site, "pin", "wan1");
      assert.equal(site.observer.chosen, "wan1");
      worsen(site, storm);
      site.run(minutes(10));
      site.cut(wan1);
      site.run(minutes(2));
      assert.equal(site.observer.chosen, "wan1");
      assert.equal(site.observer.switchCount, 1);
      assert.match(healthText(site), /^a pin keeps IPv4 on wan1, which is down/);
      site.setCarrier(wan1, false);
      assert.equal(site.observer.chosen, "wan0");
      site.setCarrier(wan1, true);
      assert.equal(site.observer.chosen, "wan1", "back at once");
      site.cut(wan1);
      site.run(minutes(1));
      order(site, "release", "wan1");
      assert.equal(site.observer.chosen, "wan0");
      assert.equal(healthText(site), "");
    }));

  test(`a drained uplink is used only while no other carries (seed ${seed})`, () =>
    simulate(seed, async () => {
      await using site = await settledSite({ seed, profile: "normal" });
      const [, wan1] = site.uplinks;
      order(site, "drain", "wan0");
      const used: string[] = [];
      site.service.subscribe((event) => {
        if (event.kind !== "connectivity" || event.decisions.ipv4.name !== "wan0") return;
        used.push(site.service.status().uplinks.find(({ name }) => name === "wan1")?.ipv4.state ?? "gone");
      });
      worsen(site, storm);
      site.run(minutes(20));
      assert.equal(site.observer.chosen, "wan1");
      site.cut(wan1);
      site.run(seconds(60));
      assert.equal(site.observer.chosen, "wan0");
      assert.equal(site.service.status().decisions.ipv4.order, "drained-last-resort");
      site.heal(wan1);
      site.run(seconds(60));
      assert.equal(site.observer.chosen, "wan1");
      assert.ok(used.length > 0);
      assert.ok(!used.includes("up") && !used.includes("degraded"), `used beside wan1, which was ${used.join()}`);
    }));

  test(`a use lasts until its uplink fails, and is over then (seed ${seed})`, () =>
    simulate(seed, async () => {
      await using site = await settledSite({ seed, profile: "normal" });
      const [, wan1] = site.uplinks;
      order(site, "use", "wan1");
      assert.equal(site.observer.chosen, "wan1");
      site.run(minutes(10));
      assert.equal(site.observer.chosen, "wan1", "the one that is liked better does not come back by itself");
      site.cut(wan1);
      site.run(seconds(20));
      assert.equal(site.observer.chosen, "wan0");
      site.heal(wan1);
      site.run(minutes(10));
      assert.equal(site.observer.chosen, "wan0");
      assert.equal(site.service.status().decisions.ipv4.order, null);
    }));
}
