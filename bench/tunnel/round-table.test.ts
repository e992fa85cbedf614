/** Medians over rounds, ratios within rounds, and who is judged by what. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ownColumn } from "./entrant.ts";
import { type Figure, RoundTable } from "./round-table.ts";

const rate: Figure = {
  ...{ metric: "rate", unit: "Gbit/s", better: "more" },
  goals: [
    { kind: "ratio", to: "other", limit: 1.5 },
    { kind: "ratio", to: "third", limit: 1 },
  ],
};
const delay: Figure = { metric: "delay", unit: "µs", better: "less", goals: [{ kind: "figure", limit: 10 }] };

function recorded(figure: Figure, columns: Readonly<Record<string, readonly number[]>>): RoundTable {
  const table = new RoundTable();
  for (const [column, values] of Object.entries(columns)) {
    for (const [round, value] of values.entries()) table.record(figure, column, round, value);
  }
  return table;
}

test("a ratio is of one round, so a slow round of all changes nothing", () => {
  const table = recorded(rate, { [ownColumn]: [8, 2, 6], other: [4, 1, 5] });
  assert.deepEqual(
    table.rows().map(({ metric, unit, ours, peers, goal, met }) => [metric, unit, ours, peers, goal, met]),
    [
      ["rate", "Gbit/s", 6, { other: 4 }, null, true],
      ["rate, × other", "", 2, {}, 1.5, true],
    ],
  );
});

test("where more is better the goal is a lower bound, otherwise an upper one", () => {
  const below = recorded(rate, { [ownColumn]: [7], other: [5] }).rows()[1];
  assert.deepEqual([below?.met, below?.better], [false, "more"]);
  const [row] = recorded(delay, { [ownColumn]: [11, 10, 9], other: [1] }).rows();
  assert.deepEqual([row?.ours, row?.goal, row?.met, row?.better], [10, 10, true, undefined]);
  assert.equal(recorded(delay, { [ownColumn]: [11] }).rows()[0]?.met, false);
});

test("who was left out is shown so and judges nobody, and without us nothing is judged", () => {
  const table = recorded(rate, { [ownColumn]: [7], other: [5] });
  table.leaveOut("other", "it is not here");
  assert.deepEqual(
    table.rows().map(({ peers, goal }) => [peers, goal]),
    [[{ other: "not run" }, null]],
  );
  assert.ok(table.isLeftOut("other"));
  assert.deepEqual(table.notes, ["other was not run: it is not here"]);
  const [theirs, ...none] = recorded(delay, { other: [5, 6, 7] }).rows();
  assert.deepEqual([theirs?.ours, theirs?.peers, theirs?.goal, theirs?.met], [null, { other: 6 }, null, true]);
  assert.deepEqual(none, []);
});

test("what does not apply to somebody has no cell", () => {
  const [row] = recorded(delay, { [ownColumn]: [5], bare: [Number.NaN] }).rows();
  assert.deepEqual(row?.peers, {});
});
