import assert from "node:assert/strict";
import { test } from "node:test";
import { DetectionTable, ownColumn } from "./detection-table.ts";

function rowOf(table: DetectionTable, metric: RegExp) {
  const row = table.rows().find((candidate) => metric.test(candidate.metric));
  assert.ok(row !== undefined, `no row is called ${metric}`);
  return row;
}

test("our tail is judged, and the peers' medians stand beside our own", () => {
  const table = new DetectionTable(["slow"]);
  for (const time of [150, 160, 201]) table.record(10, "tx", new Map([[ownColumn, time]]));
  for (const time of [900, 1_000, 1_500]) table.record(10, "tx", new Map([["slow", time]]));
  assert.deepEqual(rowOf(table, /^RTT 10 ms, tx alone: p50/), {
    metric: "RTT 10 ms, tx alone: p50",
    unit: "ms",
    ours: 160,
    peers: { slow: 1_000 },
    goal: null,
    met: true,
  });
  const { ours, goal, met } = rowOf(table, /tx alone: p99/);
  assert.deepEqual({ ours, goal, met }, { ours: 201, goal: 200, met: false });
});

test("on a long line the goal is the stated bound and the line's own time", () => {
  const table = new DetectionTable([]);
  for (const bound of [155, 160, 170]) table.recordBound(200, "both", bound);
  table.record(200, "both", new Map([[ownColumn, 369]]));
  const { goal, met } = rowOf(table, /both ways: p99/);
  assert.deepEqual({ goal, met }, { goal: 370, met: true });
});

test("a blackhole that was never found fails its row, and so does a false down", () => {
  const table = new DetectionTable([]);
  table.record(0, "rx", new Map([[ownColumn, Number.POSITIVE_INFINITY]]));
  table.countFalseDowns(0, ownColumn, 1);
  assert.equal(rowOf(table, /rx alone: p99/).met, false);
  assert.equal(rowOf(table, /false downs/).met, false);
});

test("without stated bounds nothing on a long line is met", () => {
  const table = new DetectionTable([]);
  table.record(50, "both", new Map([[ownColumn, 1]]));
  assert.equal(rowOf(table, /p99/).met, false);
});

test("what was not run says so in every row, with its reason, and is not judged", () => {
  const table = new DetectionTable(["absent"]);
  table.leaveOut(["absent"], "absent: no package");
  table.record(0, "both", new Map([[ownColumn, 150]]));
  assert.deepEqual(rowOf(table, /both ways: p50/).peers, { absent: "not run" });
  assert.deepEqual(table.notes, ["not run: absent: no package"]);
});

test("of peers alone only their figures are told", () => {
  const table = new DetectionTable(["peer"]);
  table.record(0, "both", new Map([["peer", 100]]));
  table.countFalseDowns(0, "peer", 3);
  assert.deepEqual(
    table.rows().map(({ ours, goal, peers }) => ({ ours, goal, peers })),
    [
      { ours: null, goal: null, peers: { peer: 100 } },
      { ours: null, goal: null, peers: { peer: 3 } },
    ],
  );
});
