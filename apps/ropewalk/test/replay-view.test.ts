import assert from "node:assert/strict";
import { test } from "node:test";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { initialState } from "@ropewalk/backhaul/pure/machine";
import { emptyPicture } from "@ropewalk/backhaul/pure/picture";
import type { Opening, SegmentHeader } from "@ropewalk/backhaul/pure/replay/segment-header";
import type { Decision } from "@ropewalk/backhaul/status";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { millis } from "@ropewalk/kernel/units";
import { eventLines, outcomeLines, segmentLines, timeText } from "../src/render/replay-view.ts";

function header(segment: number, opening: Opening, version = "0.1.0"): SegmentHeader {
  const wall = "2026-11-20T12:00:00.000Z";
  return {
    version,
    segment,
    opening,
    wall,
    at: millis(5_000),
    config: backhaulSection.schema.parse({}),
    state: initialState,
  };
}

const counts = { segments: 2, inputs: 100, decisions: 1 };
const place = { file: "decisions-000002.jsonl", line: 7 };

test("the time of an input is its wall time, reckoned from the header's, and the node's own", () => {
  assert.equal(timeText(millis(6_250.5), header(1, { kind: "start" })), "2026-11-20T12:00:01.250Z 6.250 s");
});

test("a segment says what was before it, and when another version wrote it", () => {
  const first = header(1, { kind: "start" });
  assert.deepEqual(segmentLines(first, undefined, "0.1.0"), [
    "segment 1, begun 2026-11-20T12:00:00.000Z by ropewalk 0.1.0",
  ]);
  assert.match(
    segmentLines(first, undefined, "0.2.0")[1] ?? "",
    /this is ropewalk 0\.2\.0: another version may decide/,
  );
  assert.deepEqual(segmentLines(header(2, { kind: "full" }), first, "0.1.0").length, 1);
  assert.match(
    segmentLines(header(2, { kind: "lost", records: 9 }), first, "0.1.0")[1] ?? "",
    /9 inputs before it could not/,
  );
  assert.match(segmentLines(header(2, { kind: "start" }), first, "0.1.0")[1] ?? "", /started anew/);
  assert.match(
    segmentLines(header(4, { kind: "full" }), first, "0.1.0")[1] ?? "",
    /between it and segment 1 something is missing/,
  );
});

test("what is said of several in the same words is said once", () => {
  const decision: Decision = {
    uplinkId: "mac-1" as UplinkId,
    name: "wan0\u001b[2J",
    reason: "it is the only uplink",
    rejected: [],
    order: null,
    shares: [],
    kernel: null,
  };
  const { connectivity, decisions } = emptyPicture;
  const told = eventLines(
    {
      kind: "connectivity",
      connectivity: { ...connectivity, ipv6: "offline" },
      decisions: { ...decisions, ipv4: decision, overall: decision },
    },
    emptyPicture,
  );
  assert.deepEqual(told, [
    "IPv6 from unknown to offline",
    "IPv4, overall best: wan0\u{fffd}[2J, it is the only uplink",
  ]);
});

test("the last line says that all is as it was, or where it is not", () => {
  assert.deepEqual(outcomeLines({ kind: "identical", counts }), ["100 inputs, 1 decision in 2 segments, identical"]);
  const different = {
    kind: "different",
    counts,
    place,
    what: "decision",
    expected: '["w"]',
    got: "x".repeat(9_999),
  } as const;
  const [where, expected, got] = outcomeLines(different);
  assert.equal(where, "decisions-000002.jsonl, line 7: this line is decided otherwise");
  assert.equal(expected, '  expected ["w"]');
  assert.match(got ?? "", /^ {2}got {6}x{2000}… \(9999 characters\)$/);
  assert.match(
    outcomeLines({ kind: "unreadable", counts, place, reason: "no" })[0] ?? "",
    /line 7 cannot be replayed: no/,
  );
});
