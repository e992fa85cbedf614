/** What is kept of uplinks across restarts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UplinkMemory, uplinkMemoryMigrations } from "@ropewalk/backhaul/io/uplink-memory";
import type { RememberedUplink } from "@ropewalk/backhaul/pure/state";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { openStore } from "@ropewalk/ops/store";

const uplink: RememberedUplink = {
  id: "usb-1-1" as UplinkId,
  slot: 3,
  interfaceName: "wwan0",
  mac: "02:00:00:00:00:01",
};
const open = () => openStore(":memory:", { migrations: uplinkMemoryMigrations, clock: new FakeClock() }).store;

test("what was kept last is what is found, and nothing else", () => {
  const memory = new UplinkMemory(open());
  const bare = { ...uplink, id: "mac-x" as UplinkId, slot: 4, mac: undefined };
  memory.replace([uplink]);
  memory.replace([bare, { ...uplink, slot: 5 }]);
  assert.deepEqual(memory.load(), [bare, { ...uplink, slot: 5 }]);
  assert.equal(memory.fault, undefined);
});

test("a store that fails is told by the fault, not by a throw, and leaves what it had", () => {
  const store = open();
  const memory = new UplinkMemory(store);
  memory.replace([uplink]);
  memory.replace([uplink, uplink]);
  assert.match(memory.fault ?? "", /UNIQUE/i);
  assert.deepEqual(memory.load(), [uplink]);
  assert.equal(memory.fault, undefined);
  store[Symbol.dispose]();
  assert.deepEqual(memory.load(), []);
  assert.notEqual(memory.fault, undefined);
});
