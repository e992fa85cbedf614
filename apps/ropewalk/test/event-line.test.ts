import assert from "node:assert/strict";
import { test } from "node:test";
import { eventLine } from "../src/render/event-line.ts";
import { picture, wan0, wan1 } from "./picture.ts";

const seen = { at: "2026-11-20T12:00:02.000Z", seenAtMonotonicMs: 1 };

test("each change is one line that says when, what and why", () => {
  const { connectivity, decisions } = picture.backhaul;
  assert.equal(
    eventLine({ kind: "uplink-changed", ...seen, uplink: wan1, changed: ["state", "reason"] }),
    "2026-11-20T12:00:02.000Z wan1 (spare) changed (state, reason), down: wan1 has no carrier: plug its cable in",
  );
  assert.equal(
    eventLine({ kind: "uplink-removed", ...seen, uplinkId: wan0.id, name: "wan0", reason: "its interface is gone" }),
    "2026-11-20T12:00:02.000Z wan0 is an uplink no more: its interface is gone",
  );
  assert.equal(
    eventLine({ kind: "connectivity", ...seen, connectivity, decisions }),
    "2026-11-20T12:00:02.000Z no usable path; best: wan0 (wan0 is the only usable uplink)",
  );
});

test("a snapshot is no change", () => {
  assert.equal(eventLine({ kind: "snapshot", ...seen, status: picture }), undefined);
});
