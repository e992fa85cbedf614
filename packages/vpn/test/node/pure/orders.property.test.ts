/** Orders of any kind, in any order, at any time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { isLive } from "@ropewalk/vpn/node/pure/held";
import { judgeSnapshot } from "@ropewalk/vpn/node/pure/judge-snapshot";
import type { LeaseTable } from "@ropewalk/vpn/node/pure/lease-table";
import type { Order, PlaceOrder } from "@ropewalk/vpn/node/pure/order";
import fc from "fast-check";
import { boot, generation, judge, place, remove, tableOf } from "./table-of.ts";

const some = fc.record({
  placement: fc.constantFrom("one", "two", "three"),
  generation: fc.integer({ min: 1, max: 9 }),
  key: fc.constantFrom("ada", "bob"),
  address: fc.constantFrom("10.0.0.2", "10.0.0.3"),
  until: fc.integer({ min: 1, max: 2_000 }),
  boot: fc.constantFrom(boot, boot, "boot 0"),
});
const order = fc.oneof(some.map(place), some.map(remove));
const whole = fc.record({
  watermark: fc.integer({ min: 0, max: 9 }),
  placements: fc.array(some.map(place), { maxLength: 3 }),
});
const step = fc.oneof(
  fc.record({ kind: fc.constant("order" as const), order, waited: fc.nat(400) }),
  fc.record({ kind: fc.constant("snapshot" as const), whole, waited: fc.nat(400) }),
);

function obey(table: LeaseTable, given: Order, now: number, from: "alone" | "snapshot"): void {
  const judged = judge(table, given, { now: millis(now), from });
  if (judged.kind === "take") table.put(judged.held);
}

function obeyWhole(table: LeaseTable, watermark: number, placements: readonly PlaceOrder[], now: number): void {
  const judged = judgeSnapshot(table, { watermark: generation(watermark), boot, placements });
  if (judged.kind === "refuse") return;
  for (const { placement } of judged.unnamed) table.forget(placement);
  for (const given of placements) obey(table, given, now, "snapshot");
  table.raiseWatermark(generation(watermark));
}

test("no key and no address is ever two placements', and nobody lasts longer than a lease behind the last deadline", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = tableOf();
      let now = 0;
      for (const one of steps) {
        now += one.waited;
        table.expire(millis(now));
        if (one.kind === "order") obey(table, one.order, now, "alone");
        else obeyWhole(table, one.whole.watermark, one.whole.placements, now);
        const live = [...table.all()].flatMap((held) =>
          held.kind === "present" && isLive(held, millis(now)) ? [held] : [],
        );
        const keys = live.map(({ peer }) => peer.publicKey);
        const addresses = live.flatMap(({ peer }) => peer.addresses);
        assert.equal(new Set(keys).size, keys.length);
        assert.equal(new Set(addresses).size, addresses.length);
        assert.ok(live.every(({ endsAt }) => endsAt <= 2_000 + 1_000));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("who was removed does not come back by orders from before, whatever else is told in between", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 900 }), (steps, begin) => {
      const table = tableOf();
      obey(table, remove({ placement: "one", generation: 9 }), begin, "alone");
      let now = begin;
      for (const one of steps) {
        now += one.waited;
        table.expire(millis(now));
        // What was sent before the removal has a deadline within the time for which that is remembered, and a snapshot that is later does not name it.
        const isBefore = (given: Order) => given.kind === "remove" || given.until.at <= begin + 1_000;
        if (one.kind === "order" && isBefore(one.order))
          obey(table, { ...one.order, generation: before(one.order) }, now, "alone");
        if (one.kind === "snapshot") {
          const { watermark } = one.whole;
          const named = one.whole.placements.filter(
            (given) => isBefore(given) && (watermark < 9 || given.placement !== "one"),
          );
          obeyWhole(table, watermark, named, now);
        }
        assert.notEqual(table.find(place().placement)?.kind, "present");
      }
    }),
    { numRuns: 2_000 },
  );
});

function before({ generation: given }: Order): Order["generation"] {
  return generation(Math.min(8, given));
}
