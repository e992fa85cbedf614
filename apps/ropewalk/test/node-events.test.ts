/** When an event says that a thing was seen, on both clocks, whenever it is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeEvent } from "@ropewalk/api/events";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { createNodeEvents } from "../src/compose/node-events.ts";
import { measured } from "./picture.ts";

/** The machine ran for this long before the process began. */
const bootedBefore = 1_000_000;

test("what was done to traffic bears the moment at which it was done, and not that of its telling", () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 20, 12));
  const monotonicMs = () => bootedBefore + clock.now();
  using events = createNodeEvents({ clock, monotonicMs, epoch: "1", status: () => measured });
  const told: NodeEvent[] = [];
  using _listening = events.log.listen(({ event }) => told.push(event));
  clock.advance(millis(250));
  const doneAt = clock.now();
  clock.advance(millis(40));
  const { steering } = measured.backhaul;
  events.publishSteering(
    { action: "moved", family: "ipv4", uplinkId: null, cause: "test", evidence: [], steering },
    doneAt,
  );
  events.publish({ kind: "uplink-removed", uplinkId: "mac-wan1" as never, name: "wan1", reason: "gone" });
  assert.deepEqual(
    told.map(({ at, seenAtMonotonicMs }) => [at, seenAtMonotonicMs - bootedBefore]),
    [
      ["2026-11-20T12:00:00.250Z", 250],
      ["2026-11-20T12:00:00.290Z", 290],
    ],
  );
});
