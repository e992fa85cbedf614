import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptOctets } from "@ropewalk/tunnel/pure/session/kept-octets";

test("there is room for what is left, until nothing is", () => {
  const kept = new KeptOctets(1000);
  kept.add(999);
  assert.deepEqual([kept.total, kept.room, kept.isFreed()], [999, 1, false]);
  kept.remove(100);
  assert.deepEqual([kept.room, kept.isFreed()], [101, false]);
});

test("once it was full there is no room before a quarter is free, and that is told once", () => {
  const kept = new KeptOctets(1000);
  kept.add(1000);
  kept.remove(249);
  assert.deepEqual([kept.room, kept.isFreed()], [0, false]);
  kept.remove(1);
  assert.deepEqual([kept.room, kept.isFreed(), kept.isFreed()], [250, true, false]);
  kept.add(250);
  assert.equal(kept.room, 0);
});

test("the end of a direction may come on top of what is full: there is no room below none", () => {
  const kept = new KeptOctets(1000);
  for (const octets of [999, 1, 1]) kept.add(octets);
  assert.equal(kept.room, 0);
  kept.remove(251);
  assert.deepEqual([kept.room, kept.isFreed()], [250, true]);
});
