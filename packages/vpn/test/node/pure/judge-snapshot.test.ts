import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeSnapshot } from "@ropewalk/vpn/node/pure/judge-snapshot";
import type { PlaceOrder, Snapshot } from "@ropewalk/vpn/node/pure/order";
import { boot, generation, gone, judge, place, present, stranger, tableOf } from "./table-of.ts";

function snapshot(watermark: number, placements: readonly PlaceOrder[] = [], of = boot): Snapshot {
  return { watermark: generation(watermark), boot: of, placements };
}

test("what a snapshot does not name goes, if it is not later than the snapshot", () => {
  const [one, two] = [
    present({ generation: 3 }),
    present({ placement: "two", key: "bob", address: "10.0.0.3", generation: 6 }),
  ];
  const judged = judgeSnapshot(tableOf([one, two]), snapshot(5));
  assert.deepEqual(judged, { kind: "take", unnamed: [one], strangers: [] });
});

test("what a snapshot names is not taken away for a moment", () => {
  const judged = judgeSnapshot(tableOf([present({ generation: 3 })]), snapshot(5, [place({ generation: 3 })]));
  assert.deepEqual(judged, { kind: "take", unnamed: [], strangers: [] });
});

test("a tombstone is forgotten by the watermark, for what is older than that is refused anyhow", () => {
  const tombstone = gone({ generation: 4 });
  assert.deepEqual(judgeSnapshot(tableOf([tombstone]), snapshot(5)), {
    kind: "take",
    unnamed: [tombstone],
    strangers: [],
  });
  assert.deepEqual(judgeSnapshot(tableOf([tombstone]), snapshot(3)), { kind: "take", unnamed: [], strangers: [] });
});

test("an address that goes from one placement to another in a snapshot is free for it", () => {
  const table = tableOf([present({ generation: 3 })]);
  const wanted = place({ placement: "two", key: "bob", generation: 5 });
  assert.equal(judge(table, wanted, { from: "snapshot" }).kind, "refuse");
  const judged = judgeSnapshot(table, snapshot(5, [wanted]));
  assert.ok(judged.kind === "take");
  for (const { placement } of judged.unnamed) table.forget(placement);
  assert.equal(judge(table, wanted, { from: "snapshot" }).kind, "take");
});

test("strangers whom a snapshot does not ask for go", () => {
  const bob = stranger({ key: "bob", address: "10.0.0.3" });
  const judged = judgeSnapshot(tableOf([], 0, [stranger(), bob]), snapshot(5, [place()]));
  assert.deepEqual(judged, { kind: "take", unnamed: [], strangers: ["bob"] });
});

test("a snapshot that is older than one that was taken is refused; the same again is not", () => {
  assert.deepEqual(judgeSnapshot(tableOf([], 6), snapshot(5)), { kind: "refuse", why: "older" });
  assert.equal(judgeSnapshot(tableOf([], 5), snapshot(5)).kind, "take");
});

test("a snapshot for another life of the node is refused, so that it takes nothing away from who was placed since", () => {
  assert.deepEqual(judgeSnapshot(tableOf([present()]), snapshot(5, [], "boot 0")), {
    kind: "refuse",
    why: "other-boot",
  });
});
