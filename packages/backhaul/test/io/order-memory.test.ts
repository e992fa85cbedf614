/** What is kept of the operator's orders across restarts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderMemory, orderMemoryMigrations } from "@ropewalk/backhaul/io/order-memory";
import { noOrders } from "@ropewalk/backhaul/pure/orders";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { openStore, type Store } from "@ropewalk/ops/store";

const [a, b, c] = ["usb-1-1", "mac-x", "name-eth0"].map((id) => id as UplinkId);
const open = () => openStore(":memory:", { migrations: orderMemoryMigrations, clock: new FakeClock() }).store;

function failing(): never {
  throw new Error("no room left");
}

test("what was ordered last is what is found, and nothing else", () => {
  const store = open();
  const memory = new OrderMemory(store);
  memory.replace({ pinned: a, drained: [b as UplinkId] });
  memory.replace({ pinned: b, drained: [c as UplinkId, a as UplinkId] });
  assert.deepEqual(new OrderMemory(store).recall(), { pinned: b, drained: [c, a] });
  memory.replace(noOrders);
  assert.deepEqual(new OrderMemory(store).recall(), noOrders);
  assert.equal(memory.fault, undefined);
});

test("orders that cannot be written are told by the fault, leave what was there, and are tried again", () => {
  const good = open();
  const store: Pick<Store, "all" | "run" | "transaction"> = {
    all: good.all.bind(good),
    run: good.run.bind(good),
    transaction: failing,
  };
  const memory = new OrderMemory(store);
  memory.replace({ pinned: a, drained: [] });
  assert.equal(memory.fault, "no room left");
  assert.deepEqual(new OrderMemory(good).recall(), noOrders);
  Object.assign(store, { transaction: good.transaction.bind(good) });
  memory.catchUp();
  assert.equal(memory.fault, undefined);
  assert.deepEqual(new OrderMemory(good).recall(), { pinned: a, drained: [] });
});

test("orders that cannot be read are asked for again, but not once the operator spoke anew", () => {
  const good = open();
  new OrderMemory(good).replace({ pinned: a, drained: [] });
  const store: Pick<Store, "all" | "run" | "transaction"> = {
    all: failing,
    run: good.run.bind(good),
    transaction: good.transaction.bind(good),
  };
  const [early, late] = [new OrderMemory(store), new OrderMemory(store)];
  assert.deepEqual([early.recall(), late.recall()], [undefined, undefined]);
  assert.equal(early.fault, "no room left");
  Object.assign(store, { all: good.all.bind(good) });
  assert.deepEqual(early.recall(), { pinned: a, drained: [] });
  assert.equal(early.recall(), undefined, "it was told");
  late.replace({ pinned: undefined, drained: [b as UplinkId] });
  assert.equal(late.recall(), undefined);
});
