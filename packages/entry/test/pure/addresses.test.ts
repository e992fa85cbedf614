import assert from "node:assert/strict";
import { test } from "node:test";
import { lowestFree } from "@ropewalk/entry/pure/address-gaps";
import { usableAddresses } from "@ropewalk/entry/pure/pool-size";
import { ipAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";

const gap = (after: string, before: string) => ({ after: ipAddress(after), before: ipAddress(before) });
const pools = (...texts: readonly string[]): readonly Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? []);

test("the lowest free addresses come first, over the edges of octets, and no end of a gap is among them", () => {
  assert.deepEqual(
    lowestFree([gap("10.0.0.254", "10.0.1.2"), gap("10.0.1.9", "10.0.1.12")], [ipAddress("10.0.1.11")], 9),
    ["10.0.0.255", "10.0.1.0", "10.0.1.1", "10.0.1.10"],
  );
  assert.deepEqual(lowestFree([gap("fd00::ffff", "fd00:0:0:1::")], [], 2), ["fd00::1:0", "fd00::1:1"]);
  assert.deepEqual(lowestFree([gap("10.0.0.0", "10.0.0.1")], [], 5), []);
  assert.deepEqual(lowestFree([], [], 5), []);
});

test("a pool is good for its addresses without its first, its last and the node's own, and two pools for the fewer", () => {
  assert.equal(usableAddresses(pools("10.0.0.0/24"), ["10.0.0.1"]), 253);
  assert.equal(usableAddresses(pools("10.0.0.0/30"), ["10.0.0.1"]), 1);
  assert.equal(usableAddresses(pools("10.0.0.0/31"), []), 0);
  assert.equal(usableAddresses(pools("10.0.0.0/32"), []), 0);
  assert.equal(usableAddresses(pools("10.0.0.0/24", "fd00::/126"), ["10.0.0.1", "fd00::1"]), 1);
  assert.equal(usableAddresses(pools("fd00::/64"), []), 2 ** 50 - 2);
  assert.equal(usableAddresses([], []), 0);
});
