/** Whatever is ordered, stored or not: what a batch says is to be stored and done is all that there is to store and do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { Held, Rest } from "@ropewalk/vpn/node/pure/held";
import type { LeaseTable } from "@ropewalk/vpn/node/pure/lease-table";
import type { PlacementId } from "@ropewalk/vpn/node/pure/order";
import { OrderBatch } from "@ropewalk/vpn/node/pure/order-batch";
import { reopen } from "@ropewalk/vpn/node/pure/reopen";
import fc from "fast-check";
import { boot, generation, place, remove, stranger, tableOf } from "./table-of.ts";

const quarantine = millis(300);
const addresses = ["10.0.0.2", "10.0.0.3", "10.0.0.4"] as const;

const some = fc.record({
  placement: fc.constantFrom("one", "two", "three"),
  generation: fc.integer({ min: 1, max: 40 }),
  key: fc.constantFrom("ada", "bob", "eve"),
  address: fc.constantFrom(...addresses),
  until: fc.constant(100_000),
});
const order = fc.oneof(some.map(place), some.map(place), some.map(remove));
const step = fc.record({
  waited: fc.nat(400),
  orders: fc.array(order, { maxLength: 4 }),
  snapshot: fc.option(fc.record({ watermark: fc.nat(40), placements: fc.array(some.map(place), { maxLength: 3 }) }), {
    freq: 4,
  }),
  isStored: fc.boolean(),
});

/** All that a table tells, but for the greatest generation that it knew. */
function toldOf(table: LeaseTable, now: number) {
  const keys = ["ada", "bob", "eve", "zoe"];
  return {
    ...{ held: sorted([...table.all()]), strangers: sorted([...table.strangers()]), counts: table.counts },
    ...{ byKey: keys.map((key) => table.holderOf(key, millis(now))), deadline: table.deadline() },
    byAddress: addresses.map((address) => [table.holderAt(address, millis(now)), table.rest(address)]),
  };
}

function sorted<Value>(values: readonly Value[]): readonly Value[] {
  return values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Where a node's decisions end: its store, its device and the kernel's set. */
class Ends {
  readonly rows = new Map<PlacementId, Held>();
  readonly rests = new Map<string, Rest>();
  readonly peers = new Map<string, readonly string[]>();
  readonly leases = new Map<string, number>();

  constructor(table: LeaseTable, now: number) {
    for (const { peer, endsAt } of table.holders(millis(now))) {
      this.peers.set(peer.publicKey, peer.addresses);
      for (const address of peer.addresses) this.leases.set(address, endsAt);
    }
  }

  store(batch: OrderBatch): void {
    for (const [placement, held] of batch.rows()) put(this.rows, placement, held);
    for (const [address, rest] of batch.rests()) put(this.rests, address, rest);
  }

  do(batch: OrderBatch, table: LeaseTable, now: number): void {
    for (const key of batch.keys) put(this.peers, key, table.holderOf(key, millis(now))?.peer.addresses);
    for (const address of batch.addresses) put(this.leases, address, table.holderAt(address, millis(now))?.endsAt);
  }
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

test("store, device and kernel have what the table has, what was not stored leaves no trace, and no address is given to another while it rests", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const begun = [stranger({ key: "zoe", address: "10.0.0.4", endsAt: 700 })];
      const table = tableOf([], 0, begun);
      const ends = new Ends(table, 0);
      const left = new Map<string, { readonly at: number; readonly by: string | undefined }>();
      let now = 0;
      for (const { waited, orders, snapshot, isStored } of steps) {
        now += waited;
        const terms = { now: millis(now), isInPool: () => true, isLeaving: () => false, ownKey: undefined, quarantine };
        // What is over is over, whatever becomes of the orders.
        const swept = new OrderBatch(table, terms);
        ends.store(swept);
        ends.do(swept, table, now);
        noteFreed(swept, left, now);
        const before = toldOf(table, now);
        const batch = new OrderBatch(table, terms);
        if (snapshot === null) for (const one of orders) batch.order(one);
        else batch.snapshot({ watermark: generation(snapshot.watermark), boot, placements: snapshot.placements });
        if (!isStored) {
          batch.undo();
          assert.deepEqual(toldOf(table, now), before);
          continue;
        }
        if (snapshot !== null) table.raiseWatermark(generation(snapshot.watermark));
        ends.store(batch);
        ends.do(batch, table, now);
        for (const held of table.all()) if (held.kind === "present") requireRested(held, before.held, left, now);
        noteFreed(batch, left, now);
        assert.deepEqual(sorted([...ends.rows.values()]), sorted([...table.all()]));
        const live = [...table.holders(millis(now))].map(({ peer, endsAt }) => ({ peer, endsAt }));
        assert.deepEqual(sorted([...ends.peers]), sorted(live.map(({ peer }) => [peer.publicKey, peer.addresses])));
        const leases = live.flatMap(({ peer, endsAt }) => peer.addresses.map((address) => [address, endsAt]));
        assert.deepEqual(sorted([...ends.leases]), sorted(leases));
        requireReopened(table, ends, now);
      }
    }),
    { numRuns: 1_500 },
  );
});

type Left = Map<string, { readonly at: number; readonly by: string | undefined }>;

function noteFreed(batch: OrderBatch, left: Left, now: number): void {
  for (const address of batch.freed) left.set(address, { at: now, by: batch.rests().get(address)?.formerly });
}

/** Who has come to an address that another left had to wait. */
function requireRested(
  { placement, peer }: Extract<Held, { kind: "present" }>,
  before: readonly Held[],
  left: Left,
  now: number,
): void {
  for (const address of peer.addresses) {
    const wasHis = before.some(
      (held) => held.placement === placement && held.kind === "present" && held.peer.addresses.includes(address),
    );
    const former = left.get(address);
    if (wasHis || former === undefined || former.by === placement) continue;
    assert.ok(now >= former.at + quarantine, `${address} was left at ${former.at}, and is ${placement}'s at ${now}`);
  }
}

/** A program that starts again from the store has the same. */
function requireReopened(table: LeaseTable, ends: Ends, now: number): void {
  const stored = { boot, watermark: table.watermark, held: [...ends.rows.values()], resting: [...ends.rests.values()] };
  const again = reopen(boot, stored, [], millis(now), quarantine);
  assert.deepEqual(sorted([...again.all()]), sorted([...table.all()]));
  assert.deepEqual(
    addresses.map((address) => again.rest(address)),
    addresses.map((address) => table.rest(address)),
  );
}
