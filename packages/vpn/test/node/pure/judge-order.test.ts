import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { gone, judge, place, present, remove, stranger, tableOf } from "./table-of.ts";

const refused = (why: string) => ({ kind: "refuse", why });
const at = (now: number) => ({ now: millis(now) });

test("a lease is counted from when the order is taken, by the node's clock", () => {
  assert.deepEqual(judge(tableOf(), place(), at(40)), { kind: "take", held: present({ endsAt: 1_040 }) });
});

test("an order to place is taken before its deadline and not from then on", () => {
  assert.equal(judge(tableOf(), place(), at(99)).kind, "take");
  assert.deepEqual(judge(tableOf(), place(), at(100)), refused("late"));
});

test("an order whose deadline is of another boot is refused, however far that is away", () => {
  assert.deepEqual(judge(tableOf(), place({ boot: "boot 0", until: 1e9 })), refused("other-boot"));
});

test("the same order again prolongs what it placed, and never shortens it", () => {
  const [soon, late] = [tableOf([present({ endsAt: 500 })]), tableOf([present({ endsAt: 5_000 })])];
  assert.deepEqual(judge(soon, place(), at(40)), { kind: "take", held: present({ endsAt: 1_040 }) });
  assert.deepEqual(judge(late, place(), at(40)), { kind: "take", held: present({ endsAt: 5_000 }) });
});

test("the same order again, late or from before a restart, is known while the lease lasts", () => {
  const table = tableOf([present()]);
  assert.deepEqual(judge(table, place({ until: 5 })), { kind: "known" });
  assert.deepEqual(judge(table, place({ boot: "boot 0" })), { kind: "known" });
  assert.deepEqual(judge(table, place({ until: 5 }), at(1_000)), refused("late"));
});

test("a later order for a placement that comes too late leaves what is there", () => {
  assert.deepEqual(judge(tableOf([present()]), place({ generation: 3, until: 5 })), refused("late"));
});

test("an order that was sent before the last one that was taken is refused", () => {
  assert.deepEqual(judge(tableOf([present({ generation: 5 })]), place({ generation: 4 })), refused("older"));
  assert.deepEqual(judge(tableOf([gone({ generation: 5 })]), place({ generation: 4 })), refused("older"));
  assert.deepEqual(judge(tableOf([present({ generation: 5 })]), remove({ generation: 4 })), refused("older"));
});

test("an order for a placement that nobody knows is refused up to the watermark, and taken behind it", () => {
  assert.deepEqual(judge(tableOf([], 7), place({ generation: 7 })), refused("older"));
  assert.equal(judge(tableOf([], 7), place({ generation: 8 })).kind, "take");
});

test("what a snapshot names is not older than the snapshot", () => {
  assert.equal(judge(tableOf([], 7), place({ generation: 3 }), { from: "snapshot" }).kind, "take");
  const removed = tableOf([gone({ generation: 8 })], 7);
  assert.deepEqual(judge(removed, place({ generation: 3 }), { from: "snapshot" }), refused("older"));
});

test("an order to remove is taken at any time, and remembered for as long as it says", () => {
  assert.deepEqual(judge(tableOf([present()]), remove(), at(900)), { kind: "take", held: gone({ forgetAt: 1_900 }) });
  assert.deepEqual(judge(tableOf(), remove(), at(900)), { kind: "take", held: gone({ forgetAt: 1_900 }) });
});

test("an order to remove what is gone is known, also when that was forgotten behind the watermark", () => {
  assert.deepEqual(judge(tableOf([gone()]), remove()), { kind: "known" });
  assert.deepEqual(judge(tableOf([], 2), remove()), { kind: "known" });
});

test("an address outside the node's pools is refused", () => {
  const isInPool = (address: string) => address.startsWith("10.1.");
  assert.deepEqual(judge(tableOf(), place(), { isInPool }), refused("not-in-pool"));
});

test("a key or an address of another placement is refused until that one's lease is over", () => {
  const table = tableOf([present({ placement: "other", key: "bob" })]);
  assert.deepEqual(judge(table, place()), refused("taken"));
  assert.deepEqual(judge(table, place({ key: "bob", address: "10.0.0.3" })), refused("taken"));
  assert.equal(judge(table, place({ address: "10.0.0.3" })).kind, "take");
  assert.equal(judge(table, place({ until: 2_000 }), at(1_000)).kind, "take");
});

test("a stranger's place is given to the order that names the very same peer, and to no other", () => {
  const table = tableOf([], 0, [stranger()]);
  assert.equal(judge(table, place()).kind, "take");
  assert.deepEqual(judge(table, place({ key: "bob" })), refused("taken"));
  assert.deepEqual(judge(table, place({ address: "10.0.0.3" })), refused("taken"));
});
