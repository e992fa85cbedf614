/** When a step of the demo came out as said, and how it reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stepLines, summaryLines, tickLine } from "../../src/demo/pure/narration.ts";
import { type DemoReport, type Observed, wrongIn } from "../../src/demo/pure/report.ts";

const death: Observed = {
  ...{ step: "blackhole", deed: "It swallows.", from: "wan0", to: "wan1", nextCallBy: null },
  ropewalk: { toldAfterMs: 160, cause: "wan1 is the only one", verdict: "by wan0 nothing answers" },
  call: { longestSilenceMs: 180.4, lost: 8, answered: 92, by: "wan1", isAnswered: true },
  download: {
    ...{ longestPauseMs: 170, broken: ["ECONNABORTED"], by: "wan1" },
    ...{ megabitsPerSecondBefore: 20, megabitsPerSecondAfter: 19.9 },
  },
};
const comeback: Observed = {
  ...{ ...death, step: "recovery", from: "wan1", to: "wan0", nextCallBy: "wan0" },
  call: { ...death.call, lost: 0 },
  download: { ...death.download, broken: [], longestPauseMs: 0, by: "wan0" },
};

test("a death comes out as said when call and download go on by the other uplink, whatever was lost on the way", () => {
  assert.deepEqual(wrongIn(death), []);
  const wrong = (more: Partial<Observed>) => wrongIn({ ...death, ...more }).length;
  assert.equal(wrong({ call: { ...death.call, by: "wan0" } }), 1);
  assert.equal(wrong({ call: { ...death.call, isAnswered: false } }), 1);
  assert.equal(wrong({ download: { ...death.download, by: null } }), 1);
  assert.equal(wrong({ download: { ...death.download, megabitsPerSecondAfter: 0 } }), 1);
  assert.equal(wrong({ ropewalk: { toldAfterMs: null, cause: null, verdict: null } }), 1);
});

test("a return comes out as said when nothing is lost, nothing breaks, and what is new goes by the better uplink", () => {
  assert.deepEqual(wrongIn(comeback), []);
  const wrong = (more: Partial<Observed>) => wrongIn({ ...comeback, ...more }).length;
  assert.equal(wrong({ call: { ...comeback.call, lost: 1 } }), 1);
  assert.equal(wrong({ call: { ...comeback.call, by: "wan0" } }), 1);
  assert.equal(wrong({ download: { ...comeback.download, broken: ["ECONNRESET"] } }), 1);
  assert.equal(wrong({ nextCallBy: "wan1" }), 1);
  assert.equal(wrong({ nextCallBy: null }), 1);
});

test("a step and a second read as sentences with their figures", () => {
  const text = stepLines({ ...death, wrong: ["it rained"] }).join("\n");
  assert.match(text, /moved {5}wan0 -> wan1, told after 160 ms: wan1 is the only one\n.*by wan0 nothing answers/);
  assert.match(text, /silent for 180\.4 ms at most, 8 of 100 packets lost; goes by wan1\n/);
  assert.match(text, /still for 170 ms at most, 1 connection broke \(ECONNABORTED\); 20\.0 -> 19\.9 Mbit\/s, by wan1/);
  assert.match(text, /WRONG {5}it rained/);
  const second = { second: 7, download: { megabitsPerSecond: 0, by: null }, call: { there: 50, back: 9, by: "wan1" } };
  assert.equal(tickLine(second), "   7 s  download  0.0 Mbit/s by no uplink   call 50 there,  9 back by wan1");
});

test("the summary has a row for each step, and says what was left behind", () => {
  const steps = [death, comeback].map((observed) => ({ ...observed, wrong: [] }));
  const report: DemoReport = {
    kind: "demo",
    ok: true,
    uplinks: [],
    settings: {},
    steps,
    leftBehind: [],
    tookSeconds: 40,
  };
  const good = summaryLines(report).join("\n");
  assert.match(good, /silent blackhole {2}wan0 -> wan1 +180\.4 ms +8 +170 ms +1\n/);
  assert.match(good, /blackhole over {4}wan1 -> wan0 +180\.4 ms +0 +- +0\n/);
  assert.match(good, /everything given back.*\nEach step came out as said; it took 40 s\./);
  const bad = summaryLines({ ...report, ok: false, leftBehind: ["ip rule"] }).join("\n");
  assert.match(bad, /NOT everything given back.*: ip rule\nNOT every step/);
});
