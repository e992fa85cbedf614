/** A table for the README, and below it what is lost: to a goal, or to a rival, and never to what does no work. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { renderMarkdown } from "./markdown-report.ts";
import type { RaceReport, RaceRow } from "./race.ts";

const quiet = { goal: null, met: true } as const;

function report(rows: readonly RaceRow[]): RaceReport {
  return { race: "r", machine: "2 × M", rounds: "5 rounds", rows, baseline: "bare" };
}

test("each row has what it was, its goal and a cell for each rival, and an unmet one is bold", () => {
  const rows: readonly RaceRow[] = [
    { ...quiet, metric: "a", unit: "ms", ours: 1, peers: { other: 2 } },
    { metric: "b", unit: "", ours: 1.2, peers: { third: "not run" }, goal: 1.5, met: false, better: "more" },
  ];
  assert.deepEqual(renderMarkdown(report(rows)).split("\n").slice(0, 6), [
    ...["2 × M; 5 rounds.", "", "| what | Ropewalk | goal | other | third |", "|---|---|---|---|---|"],
    ...["| a, ms | 1 | | 2 | |", "| b | **1.20** | ≥ 1.50 | | not run |"],
  ]);
});

test("a loss is a goal that is missed or a rival that is better, whichever way better is", () => {
  const rows: readonly RaceRow[] = [
    { ...quiet, metric: "less is better", unit: "ms", ours: 3, peers: { other: 2, third: 4, bare: 1 } },
    { ...quiet, metric: "more is better", unit: "", better: "more", ours: 3, peers: { other: 4, third: 2 } },
    { metric: "missed", unit: "s", ours: 3, peers: {}, goal: 2, met: false },
    { ...quiet, metric: "won", unit: "", ours: 1, peers: { other: 2, bare: 0, third: "not run" } },
    { ...quiet, metric: "others alone", unit: "", ours: null, peers: { other: 0 } },
  ];
  const lines = renderMarkdown(report(rows)).split("\n");
  assert.deepEqual(lines.slice(lines.indexOf("Where we lose:")), [
    ...["Where we lose:", "", "- less is better: 3 ms; other 2 ms", "- more is better: 3; other 4"],
    ...["- missed: 3 s; the goal is ≤ 2 s", ""],
  ]);
});

test("who loses nothing says nothing of it", () => {
  const text = renderMarkdown({ ...report([]), notes: ["A note."] });
  assert.doesNotMatch(text, /lose/);
  assert.match(text, /\nA note\.\n$/);
});
