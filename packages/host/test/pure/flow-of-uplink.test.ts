/** Which flows an uplink takes with it when it dies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { uplinkMark } from "@ropewalk/host/allocations";
import { isFlowOf } from "@ropewalk/host/flow-of-uplink";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { TrackedFlow } from "../../src/netlink/conntrack.ts";

const dead = ipAddress("192.0.2.2");
const alive = ipAddress("198.51.100.2");
const shared = ipAddress("192.168.1.2");

const flow = (replyDestination: typeof dead, mark = 0): TrackedFlow => ({
  ...{ family: "ipv4", protocol: 17, source: ipAddress("10.0.0.9"), replyDestination, mark },
  ...{ tuple: new Uint8Array(), id: new Uint8Array() },
});
const isDead = isFlowOf({
  family: "ipv4",
  mark: uplinkMark(1),
  addresses: new Set([dead]),
});

test("a flow with the uplink's mark is its own whatever its address, and other bits of the mark do not matter", () => {
  assert.equal(isDead(flow(ipAddress("203.0.113.7"), 0x100)), true);
  assert.equal(isDead(flow(ipAddress("203.0.113.7"), 0x5a00_015a)), true);
  assert.equal(isDead(flow(ipAddress("203.0.113.7"), 0x200)), false);
  assert.equal(isDead(flow(ipAddress("203.0.113.7"), 0x300)), false);
});

test("an unmarked flow is its own when its answers come to an address of the uplink", () => {
  assert.equal(isDead(flow(dead)), true);
  assert.equal(isDead(flow(alive)), false);
  assert.equal(isDead(flow(ipAddress("10.0.0.1"))), false);
});

test("an address that is not the uplink's alone proves nothing, and the mark does", () => {
  assert.equal(isDead(flow(shared)), false);
  assert.equal(isDead(flow(shared, 0x100)), true);
  assert.equal(isDead(flow(shared, 0x200)), false);
});

test("the other family of the uplink lives on", () => {
  assert.equal(isDead({ ...flow(dead, 0x100), family: "ipv6" }), false);
});

test("an uplink without a mark does not own every flow that has none", () => {
  const isUnmarked = isFlowOf({ family: "ipv4", mark: 0, addresses: new Set([dead]) });
  assert.equal(isUnmarked(flow(alive)), false);
  assert.equal(isUnmarked(flow(dead)), true);
});
