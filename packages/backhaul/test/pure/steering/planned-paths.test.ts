/** Which ways out a plan may use, and in which order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { plannedPaths } from "@ropewalk/backhaul/pure/steering/planned-paths";
import { deciding, sharing, uplink } from "./uplink-fixture.ts";

const slots = (uplinks: readonly SlottedUplink[], chosen?: number) =>
  plannedPaths(uplinks, deciding(chosen)).map(({ slot, family }) => `${family} ${slot}`);

test("first the one that was decided for, then what carries traffic, then what may, and the dead as a last resort", () => {
  const uplinks = [uplink(1, "silent"), uplink(2, "not-measured"), uplink(3, "healthy"), uplink(4, "mtu")];
  assert.deepEqual(slots(uplinks, 2), ["ipv4 2", "ipv4 3", "ipv4 4", "ipv4 1"]);
  assert.deepEqual(slots(uplinks), ["ipv4 3", "ipv4 4", "ipv4 2", "ipv4 1"]);
});

test("what has no address or no route of anybody's is no way out; what only lost its carrier stays one", () => {
  const uplinks = [uplink(1, "no-address"), uplink(2, "no-route"), uplink(3, "no-carrier")];
  assert.deepEqual(slots(uplinks), ["ipv4 3"]);
});

test("each way has the weight that was decided for its uplink, and none when it shares nothing", () => {
  const uplinks = [uplink(1, "healthy"), uplink(2, "healthy"), uplink(3, "healthy")];
  const paths = plannedPaths(uplinks, sharing([3, 6], [1, 2]));
  assert.deepEqual(
    paths.map(({ slot, weight }) => [slot, weight]),
    [
      [3, 6],
      [1, 2],
      [2, undefined],
    ],
  );
});

test("each family has its own order", () => {
  const uplinks = [uplink(1, "silent", "healthy"), uplink(2, "healthy", "silent")];
  assert.deepEqual(slots(uplinks), ["ipv4 2", "ipv4 1", "ipv6 1", "ipv6 2"]);
});
