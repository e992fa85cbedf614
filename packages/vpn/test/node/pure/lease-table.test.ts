import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { gone, id, place, present, stranger, tableOf } from "./table-of.ts";

const ada = place().peer;

test("a lease is over at its end, and what it held is free", () => {
  const table = tableOf([present({ endsAt: 1_000 })]);
  assert.deepEqual(table.expire(millis(999)).held, []);
  assert.deepEqual(table.expire(millis(1_000)).held, [present({ endsAt: 1_000 })]);
  assert.equal(table.find(id("one")), undefined);
  assert.equal(table.isTaken(ada, id("two"), millis(999)), false);
});

test("the deadline is the first moment at which something is over", () => {
  assert.equal(tableOf().deadline(), undefined);
  const held = [present({ endsAt: 900 }), gone({ placement: "two", forgetAt: 700 })];
  assert.equal(tableOf(held, 0, [stranger({ key: "bob", address: "10.0.0.3", endsAt: 800 })]).deadline(), 700);
});

test("expiring at the deadline always moves the deadline on", () => {
  const table = tableOf([present({ endsAt: 900 }), gone({ placement: "two", forgetAt: 700 })]);
  for (let due = table.deadline(); due !== undefined; due = table.deadline()) {
    assert.ok(table.expire(due).held.length > 0);
  }
  assert.deepEqual([...table.all()], []);
});

test("a peer that has other addresses now holds the former no longer", () => {
  const table = tableOf([present()]);
  table.put(present({ generation: 2, address: "10.0.0.9" }));
  assert.equal(table.isTaken({ publicKey: "bob", addresses: ["10.0.0.2"] }, id("two"), millis(1)), false);
  assert.equal(table.isTaken({ publicKey: "bob", addresses: ["10.0.0.9"] }, id("two"), millis(1)), true);
});

test("one whose lease is over does not free the address that another has taken since", () => {
  const table = tableOf([present({ endsAt: 100 })]);
  table.put(present({ placement: "two", key: "bob", endsAt: 900 }));
  table.expire(millis(100));
  assert.equal(table.isTaken(ada, id("three"), millis(101)), true);
});

test("whoever is placed or removed is a stranger no longer", () => {
  for (const held of [present(), gone()]) {
    const table = tableOf([], 0, [stranger()]);
    table.put(held);
    assert.deepEqual([...table.strangers()], []);
  }
});

test("a stranger is gone when its lease is over", () => {
  const table = tableOf([], 0, [stranger({ endsAt: 500 })]);
  table.expire(millis(500));
  assert.deepEqual([...table.strangers()], []);
  assert.equal(table.isTaken({ publicKey: "bob", addresses: ["10.0.0.2"] }, id("one"), millis(499)), false);
});

test("the watermark does not go back", () => {
  const table = tableOf([], 7);
  table.raiseWatermark(place({ generation: 5 }).generation);
  assert.equal(table.watermark, 7);
});

test("the latest generation is that of the watermark, or of what was taken behind it", () => {
  assert.equal(tableOf([], 7).latest(), 7);
  assert.equal(tableOf([gone({ generation: 9 }), present({ placement: "two", generation: 8 })], 7).latest(), 9);
});
