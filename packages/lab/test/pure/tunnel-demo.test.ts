/** What the tunnel's demo hears of a source, how keys and their echoes are told, and when its steps came out as said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Echoes } from "../../src/tunnel/pure/echoes.ts";
import { laneLine, stepLines, summaryLines, tickLine } from "../../src/tunnel/pure/tunnel-narration.ts";
import { type ObservedStep, type TunnelReport, wrongInAll, wrongInStep } from "../../src/tunnel/pure/tunnel-report.ts";
import { TunnelStory } from "../../src/tunnel/pure/tunnel-story.ts";

const ms = (value: number) => BigInt(value) * 1_000_000n;
const time = "2026-11-22T08:00:00.250Z";
const log = (fields: Readonly<Record<string, unknown>>) => JSON.stringify({ time, level: "info", ...fields });

test("the source's log tells where its lane is, and every turn that it takes", () => {
  const story = new TunnelStory();
  assert.equal(story.by, undefined);
  assert.equal(story.hear("Ropewalk runs"), undefined);
  assert.equal(story.hear(log({ message: "the tunnel runs", socket: "x" })), undefined);
  assert.equal(story.hear(log({ event: "trouble", text: "elsewhere" })), undefined);
  story.hear(log({ event: "started", path: "wan0 ipv4", took: 81.4 }));
  assert.equal(story.by, "wan0");
  const changed = story.hear(log({ event: "path-changed", from: "wan0 ipv4", to: "wan1 ipv4", why: "gone" }));
  assert.deepEqual(changed, { at: Date.parse(time), event: "path-changed", by: "wan1", detail: "gone" });
  assert.equal(story.by, "wan0");
  story.hear(log({ event: "resumed", path: "wan1 ipv4", took: 95.6, resent: 1_152 }));
  assert.equal(story.by, "wan1");
  assert.equal(story.since(Date.parse(time)).at(-1)?.detail, "it took 96 ms, 1152 octets sent again");
  assert.deepEqual(story.since(Date.parse(time) + 1), []);
  assert.equal(story.count("started"), 1);
  story.hear(log({ event: "resumed", path: null, took: 1, resent: 0 }));
  assert.equal(story.by, null);
});

test("a key that waits counts with what it has waited until now, and one that came back before the moment does not", () => {
  const echoes = new Echoes();
  echoes.press("a", ms(0));
  echoes.press("b", ms(20));
  echoes.press("c", ms(40));
  echoes.hear("a", ms(5));
  echoes.hear("b", ms(150));
  assert.deepEqual(echoes.figures(ms(10), ms(200)), { keys: 2, longestMs: 160, waiting: 1 });
  assert.deepEqual(echoes.figures(ms(160), ms(100)), { keys: 1, longestMs: 60, waiting: 1 });
  assert.deepEqual(echoes.totals, { pressed: 3, echoed: 2, wrong: 0 });
});

test("an echo that nobody has typed is no echo", () => {
  const echoes = new Echoes();
  echoes.press("a", ms(0));
  echoes.hear("xab", ms(5));
  assert.deepEqual(echoes.totals, { pressed: 1, echoed: 1, wrong: 2 });
});

const step: ObservedStep = {
  ...{ step: "cut", deed: "It is cut.", from: "wan0", to: "wan1", laneBy: "wan1" },
  node: { toldAfterMs: 12.8, cause: "wan1 is the only one", verdict: "wan0 has no carrier" },
  lane: [{ afterMs: 20, event: "path-changed", by: "wan1", detail: "gone" }],
  ssh: { keys: 60, longestMs: 230.5, waiting: 0, isAnswered: true },
  download: { longestPauseMs: 210, megabitsPerSecondAfter: 50 },
};

test("a step came out as said when the lane is on the other uplink and both streams go on", () => {
  assert.deepEqual(wrongInStep(step), []);
  const wrong = (more: Partial<ObservedStep>) => wrongInStep({ ...step, ...more }).length;
  assert.equal(wrong({ laneBy: null }), 1);
  assert.equal(wrong({ node: { ...step.node, cause: null } }), 1);
  assert.equal(wrong({ ssh: { ...step.ssh, isAnswered: false } }), 1);
  assert.equal(wrong({ download: { ...step.download, megabitsPerSecondAfter: 0 } }), 1);
});

const report: TunnelReport = {
  ...{ kind: "tunnel", ok: true, settings: {}, steps: [{ ...step, wrong: [] }], tookSeconds: 40 },
  ssh: { pressed: 820, echoed: 820, wrong: 0, ended: null },
  download: { octets: 1 << 30, wanted: 1 << 30, isWhole: true, broken: null },
  sessions: { begun: 1, lost: 0 },
};

test("the whole came out as said when one session carried everything and nothing is missing", () => {
  assert.deepEqual(wrongInAll(report), []);
  const wrong = (more: Partial<TunnelReport>) => wrongInAll({ ...report, ...more }).length;
  assert.equal(wrong({ ssh: { ...report.ssh, echoed: 819 } }), 1);
  assert.equal(wrong({ ssh: { ...report.ssh, wrong: 1 } }), 1);
  assert.equal(wrong({ ssh: { ...report.ssh, ended: "ssh ended with 255" } }), 1);
  assert.equal(wrong({ download: { ...report.download, isWhole: false } }), 1);
  assert.equal(wrong({ download: { ...report.download, broken: "ECONNRESET" } }), 1);
  assert.equal(wrong({ sessions: { begun: 2, lost: 0 } }), 1);
  assert.equal(wrong({ sessions: { begun: 1, lost: 1 } }), 1);
});

test("seconds, words, steps and the end read as sentences with their figures", () => {
  const second = { second: 7, by: "wan1", keys: 50, longestMs: 23.1, megabitsPerSecond: 167.8, total: 96 << 20 };
  assert.equal(
    tickLine(second),
    "   7 s  ssh  50 keys,  23.1 ms at most   download 167.8 Mbit/s,   96 MiB   lane by wan1",
  );
  assert.equal(laneLine({ event: "offline", by: null, detail: "" }), "        tunnel: offline");
  const text = stepLines({ ...step, wrong: ["it rained"] }).join("\n");
  assert.match(text, /node {6}wan0 -> wan1, told after 12\.8 ms: wan1 is the only one\n/);
  assert.match(text, /tunnel {4}after 20 ms: path-changed wan1 \(gone\)\n/);
  assert.match(text, /a key waited 230\.5 ms at most, of 60\n.*still for 210 ms at most\n.*WRONG {5}it rained/);
  const lines = summaryLines({ ...report, ok: false, ssh: { ...report.ssh, echoed: 819 } }).join("\n");
  assert.match(lines, /cable cut +wan0 -> wan1 +230\.5 ms +210 ms\n/);
  assert.match(lines, /819 of 820 keys.*\n.*1073741824 of 1073741824 octets; the SHA-256 is that of what was sent\n/);
  assert.match(lines, /WRONG {5}1 of 820 keys were not echoed\nNOT everything came out as said; it took 40 s\.$/);
});
