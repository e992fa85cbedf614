import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { reopen } from "@ropewalk/vpn/node/pure/reopen";
import { boot, generation, gone, present, stranger } from "./table-of.ts";

const stored = (watermark: number, held: readonly (ReturnType<typeof present> | ReturnType<typeof gone>)[]) => ({
  ...{ boot, held, resting: [] },
  watermark: generation(watermark),
});
const tombstone = gone({ placement: "two", key: "bob" });

test("a program that starts again has all that it had, but for what was over meanwhile", () => {
  const over = present({ placement: "three", key: "eve", address: "10.0.0.4", endsAt: 50 });
  const table = reopen(boot, stored(4, [present(), tombstone, over]), [], millis(60), millis(0));
  assert.deepEqual([...table.all()], [present(), tombstone]);
  assert.equal(table.watermark, 4);
});

test("a machine that starts again has nothing, and still refuses what is older than its watermark", () => {
  const table = reopen("boot 2", stored(4, [present(), tombstone]), [stranger()], millis(1), millis(0));
  assert.deepEqual([[...table.all()], [...table.strangers()]], [[], []]);
  assert.equal(table.watermark, 4);
});

test("a node without its store lets whom it finds on its device stay until their leases end", () => {
  const [ada, over] = [stranger({ endsAt: 90 }), stranger({ key: "bob", address: "10.0.0.3", endsAt: 60 })];
  const table = reopen("boot 2", undefined, [ada, over], millis(60), millis(0));
  assert.deepEqual([...table.strangers()], [ada]);
  assert.equal(table.watermark, 0);
});

test("whom the store does not know is a stranger until the first snapshot, and then is not", () => {
  const eve = stranger({ key: "eve", address: "10.0.0.4" });
  assert.deepEqual(
    [...reopen(boot, stored(0, [present()]), [stranger(), eve], millis(1), millis(0)).strangers()],
    [eve],
  );
  assert.deepEqual([...reopen(boot, stored(4, [present()]), [stranger(), eve], millis(1), millis(0)).strangers()], []);
});

test("whom the store knows to be removed is no stranger, though the device still has it", () => {
  const table = reopen(
    boot,
    stored(0, [tombstone]),
    [stranger({ key: "bob", address: "10.0.0.3" })],
    millis(1),
    millis(0),
  );
  assert.deepEqual([...table.strangers()], []);
});
