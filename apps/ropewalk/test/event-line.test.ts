import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeEvent } from "@ropewalk/api/events";
import { createEventLines } from "../src/render/event-line.ts";
import { measured, picture, slowWan1, wan0, wan1 } from "./picture.ts";

const seen = { at: "2026-11-20T12:00:02.000Z", seenAtMonotonicMs: 1 };
const { connectivity, decisions } = measured.backhaul;
const told: NodeEvent = { kind: "connectivity", ...seen, connectivity, decisions };

function lines(...events: readonly NodeEvent[]): readonly (string | undefined)[] {
  const lineOf = createEventLines();
  return events.map((event) => lineOf(event));
}

test("each change is one line that says when, what and why", () => {
  assert.deepEqual(
    lines(
      { kind: "uplink-changed", ...seen, uplink: wan1, changed: ["state", "reason"] },
      { kind: "uplink-removed", ...seen, uplinkId: wan0.id, name: "wan0", reason: "its interface is gone" },
      told,
    ),
    [
      "2026-11-20T12:00:02.000Z wan1 (spare) changed (state, reason), down: wan1 has no carrier: plug its cable in",
      "2026-11-20T12:00:02.000Z wan0 is an uplink no more: its interface is gone",
      "2026-11-20T12:00:02.000Z IPv4 online, IPv6 offline; no usable path; best: wan1 (wan1 is the only one that answers)",
    ],
  );
});

test("an order is a line, and so is its refusal; what it names is escaped", () => {
  const told = { kind: "order", ...seen, order: "drain", uplinkId: wan0.id, name: "wan0" } as const;
  const reason = "wan0 is pinned: release it first";
  assert.deepEqual(
    lines(
      { ...told, outcome: { kind: "done" } },
      { ...told, name: "w\u001b[31m", outcome: { kind: "refused", reason } },
      { ...told, order: "release", uplinkId: null, name: null, outcome: { kind: "done" } },
    ).map((line) => line?.slice(seen.at.length + 1)),
    [
      "the operator said to drain wan0",
      "the operator said to drain w\ufffd[31m, refused: wan0 is pinned: release it first",
      "the operator said to release all uplinks",
    ],
  );
});

test("figures that move are no line, and are left out of the line of a change that is one", () => {
  const figures = ["rttMs", "score", "ipv4.figures"];
  const [moved, changed] = lines(
    { kind: "uplink-changed", ...seen, uplink: slowWan1, changed: figures },
    { kind: "uplink-changed", ...seen, uplink: slowWan1, changed: [...figures, "ipv4.state"] },
  );
  assert.equal(moved, undefined);
  assert.match(changed ?? "", /changed \(ipv4\.state\), degraded: /);
});

test("the same connectivity told again with other scores is no line; another choice is", () => {
  const reworded = { ...decisions.overall, reason: "wan1 scores 760" };
  const other = { ...reworded, uplinkId: wan0.id, name: "wan0" };
  const [first, again, switched] = lines(
    told,
    { ...told, connectivity: { ...connectivity, generation: 9 }, decisions: { ...decisions, overall: reworded } },
    { ...told, decisions: { ...decisions, overall: other } },
  );
  assert.notEqual(first, undefined);
  assert.equal(again, undefined);
  assert.match(switched ?? "", /best: wan0/);
});

test("a snapshot is no change", () => {
  assert.deepEqual(lines({ kind: "snapshot", ...seen, status: picture }), [undefined]);
});
