/** The driver where traffic is shared, on a machine in memory: routes, the host's setting, what is told, and what is not ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { seconds } from "@ropewalk/kernel/units";
import { deciding, sharing, uplink } from "../pure/steering/uplink-fixture.ts";
import { createRig } from "./driver-rig.ts";

const uplinks = [1, 2, 3].map((slot) => uplink(slot, "healthy"));

test("traffic is shared by the weights, flows are told apart by ports meanwhile, and a purge gives all of it back", async () => {
  const { machine, driver, events, untouched, ordinary, follow } = createRig(1, 2, 3);
  follow(uplinks, sharing([2, 10], [1, 4]));
  assert.equal(ordinary(), "11×4 12×10");
  const hashes = () => machine.writes.filter((write) => "name" in write && write.name === "fib_multipath_hash_policy");
  assert.deepEqual(hashes(), [{ kind: "host", family: "ipv4", name: "fib_multipath_hash_policy", value: 1 }]);
  assert.deepEqual(driver.unmet, []);
  follow(uplinks, deciding(2));
  assert.equal(ordinary(), "12×1");
  assert.equal(hashes().length, 2, "and as it was when nothing is shared any more");
  follow(uplinks, sharing([2, 10], [1, 4]));
  assert.equal(await driver.purge(), true);
  assert.deepEqual(machine.all, untouched);
  assert.ok(events.every(({ action }) => action !== "refused"));
});

test("each change of the shares is told once, with the decision's reason and the command", () => {
  const { events, follow } = createRig(1, 2, 3);
  follow(uplinks, deciding(2));
  events.length = 0;
  follow(uplinks, sharing([2, 10], [1, 4]));
  follow(uplinks, sharing([2, 10], [1, 4]));
  const moved = events.filter(({ action }) => action === "moved");
  assert.deepEqual([moved.length, moved[0]?.family, moved[0]?.cause], [1, "ipv4", "test"]);
  const [command = ""] = moved[0]?.evidence ?? [];
  assert.match(command, /^ip -4 route replace default .* nexthop dev wan1 weight 4 nexthop dev wan2 weight 10$/);
});

test("who shares and is not the chosen one keeps its connections, though it costs by volume", () => {
  const { machine, follow } = createRig(1, 2, 3);
  const metered = uplinks.map(({ slot, status }) => {
    return { slot, status: { ...status, metered: { value: true, source: "config" as const } } };
  });
  follow(metered, sharing([2, 10], [1, 4]));
  machine.clock.advance(seconds(60));
  const ended = machine.ended.map(({ addresses }) => [...addresses].join());
  assert.deepEqual(ended, ["10.0.3.2"], "only what shares nothing is emptied");
});

test("a way that dies is ended alone, and the others go on sharing", () => {
  const { machine, ordinary, follow } = createRig(1, 2, 3);
  follow(uplinks, sharing([2, 10], [1, 4], [3, 6]));
  assert.equal(ordinary(), "11×4 12×10 13×6");
  const [, two, three] = uplinks as [SlottedUplink, SlottedUplink, SlottedUplink];
  follow([uplink(1, "silent"), two, three], sharing([2, 10], [3, 6]));
  assert.equal(ordinary(), "12×10 13×6");
  assert.deepEqual(
    machine.ended.map(({ addresses }) => [...addresses].join()),
    ["10.0.1.2"],
  );
});
