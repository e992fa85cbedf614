/** How samples become rows: who is judged, by what, and who is only told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FailoverTable, type Figure, ownColumn, under } from "./failover-table.ts";

const gap: Figure = { kind: "time", metric: "gap", unit: "ms", goal: 5 };
const lost: Figure = { kind: "count", metric: "lost", unit: "packets", goal: 2 };

test("a time is judged by its 99th percentile, and others by nothing", () => {
  const table = new FailoverTable(["other"]);
  for (let sample = 1; sample <= 100; sample += 1) table.record(gap, ownColumn, sample === 100 ? 9 : 3);
  table.record(gap, "other", 1_000);
  assert.deepEqual(
    table.rows().map(({ metric, ours, peers, goal, met }) => [metric, ours, peers, goal, met]),
    [
      ["gap: p50", 3, { other: 1_000 }, null, true],
      ["gap: p99", 3, {}, 5, true],
      ["gap: max of 100", 9, { other: 1_000 }, null, true],
    ],
  );
});

test("a count is judged by the worst trial, and one that never came is not met", () => {
  const table = new FailoverTable([]);
  for (const count of [0, 3, 1]) table.record(lost, ownColumn, count);
  table.record(gap, ownColumn, Number.POSITIVE_INFINITY);
  assert.deepEqual(
    table.rows().map(({ metric, met }) => [metric, met]),
    [
      ["lost: most of a trial", false],
      ["gap: p50", true],
      ["gap: p99", false],
      ["gap: max of 1", true],
    ],
  );
});

test("without Ropewalk nothing is judged, and who could not take part is said so", () => {
  const table = new FailoverTable(["one", "two"]);
  table.record(gap, "one", 70);
  table.record(lost, "one", 7);
  table.leaveOut("two", "it is not here");
  assert.deepEqual(
    table.rows().map(({ metric, peers, goal, met }) => [metric, peers, goal, met]),
    [
      ["gap: p50", { one: 70, two: "not run" }, null, true],
      ["gap: max", { one: 70, two: "not run" }, null, true],
      ["lost: most of a trial", { one: 7, two: "not run" }, null, true],
    ],
  );
  assert.deepEqual(table.notes, ["not run: it is not here"]);
  assert.ok(table.isLeftOut("two") && !table.isLeftOut("one"));
});

test("one part's figures under other circumstances are rows of their own, with the same goal", () => {
  const table = new FailoverTable([]);
  table.record(lost, ownColumn, 1);
  under("in rain", table).record(lost, ownColumn, 3);
  assert.deepEqual(
    table.rows().map(({ metric, ours, goal, met }) => [metric, ours, goal, met]),
    [
      ["lost: most of a trial", 1, 2, true],
      ["in rain: lost: most of a trial", 3, 2, false],
    ],
  );
});
