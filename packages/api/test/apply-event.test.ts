import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEvent } from "@ropewalk/api/apply-event";
import { status, wan0 } from "./sample.ts";

const seen = { at: "2026-11-20T12:00:02.000Z", seenAtMonotonicMs: 1 };
const wan1 = { ...wan0, id: "pci-1", name: "wan1" };

test("an uplink that is added comes last, one that changes stays in its place", () => {
  const two = applyEvent(status, { kind: "uplink-added", ...seen, uplink: wan1 });
  assert.deepEqual(
    two.backhaul.uplinks.map(({ name }) => name),
    ["wan0", "wan1"],
  );
  const renamed = applyEvent(two, {
    kind: "uplink-changed",
    ...seen,
    uplink: { ...wan0, name: "lan9" },
    changed: ["name"],
  });
  assert.deepEqual(
    renamed.backhaul.uplinks.map(({ name }) => name),
    ["lan9", "wan1"],
  );
  assert.equal(renamed.at, seen.at);
});

test("an uplink that is removed is gone, and only that one", () => {
  const two = applyEvent(status, { kind: "uplink-added", ...seen, uplink: wan1 });
  const one = applyEvent(two, { kind: "uplink-removed", ...seen, uplinkId: wan0.id, name: "wan0", reason: "gone" });
  assert.deepEqual(one.backhaul.uplinks, [wan1]);
});

test("a snapshot replaces everything", () => {
  const fresh = { ...status, pid: 43 };
  assert.equal(applyEvent(status, { kind: "snapshot", ...seen, status: fresh }), fresh);
});

test("connectivity and decisions are replaced together", () => {
  const { decisions } = status.backhaul;
  const connectivity = { ...status.backhaul.connectivity, generation: 4 };
  const next = applyEvent(status, { kind: "connectivity", ...seen, connectivity, decisions });
  assert.equal(next.backhaul.connectivity.generation, 4);
  assert.equal(next.backhaul.uplinks, status.backhaul.uplinks);
});
