/** Slots of uplinks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeSlot, isSlot } from "@ropewalk/backhaul/pure/slots";
import { uplinkMark } from "@ropewalk/host/allocations";

test("the preferred slot is given when it is one and free, else the lowest free one, else none", () => {
  const all = new Set(Array.from({ length: 255 }, (_, index) => index + 1));
  assert.equal(freeSlot(new Set(), 9), 9);
  assert.equal(freeSlot(new Set([9, 1]), 9), 2);
  assert.equal(freeSlot(new Set(), 256), 1);
  assert.equal(freeSlot(all), undefined);
});

test("what is a slot has a firewall mark, what is none has not", () => {
  for (const value of [1, 2, 255]) assert.ok(isSlot(value) && uplinkMark(value) > 0);
  for (const value of [0, -1, 256, 1.5, Number.NaN]) {
    assert.equal(isSlot(value), false);
    assert.throws(() => uplinkMark(value));
  }
});
