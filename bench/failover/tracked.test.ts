/** The kernel's list of tracked flows, as lines of it were printed by Linux 6.18. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareTracked, parseTracked } from "./tracked.ts";

const translated =
  "ipv4     2 udp      17 29 src=198.19.0.2 dst=203.0.113.10 sport=40000 dport=7204 [UNREPLIED] src=203.0.113.10 dst=198.18.0.2 sport=7204 dport=40000 mark=0 zone=0 use=2";
const own =
  "ipv4     2 tcp      6 431999 ESTABLISHED src=198.18.8.2 dst=203.0.113.10 sport=50000 dport=7201 src=203.0.113.10 dst=198.18.8.2 sport=7201 dport=50000 [ASSURED] mark=0 zone=0 use=2";
const foreign = own.replaceAll("7201", "443");

test("flows are known by what begins them, with the address that the far end answers to", () => {
  assert.deepEqual(
    [...parseTracked([translated, own, foreign, ""].join("\n"), [7201, 7204])],
    [
      ["udp src=198.19.0.2 dst=203.0.113.10 sport=40000 dport=7204", "198.18.0.2"],
      ["tcp src=198.18.8.2 dst=203.0.113.10 sport=50000 dport=7201", "198.18.8.2"],
    ],
  );
});

test("a dead uplink's flow that has begun anew by another is gone, and others must stay", () => {
  const before = parseTracked([translated, own].join("\n"), [7201, 7204]);
  const moved = parseTracked(translated.replace("dst=198.18.0.2", "dst=198.18.8.2"), [7204]);
  assert.deepEqual(compareTracked(before, before, "198.18.0.2"), { deadLeft: 1, othersGone: 0 });
  assert.deepEqual(compareTracked(before, moved, "198.18.0.2"), { deadLeft: 0, othersGone: 1 });
});
