/** What next hops are known to have delivered: for whom it counts, and how much of it is kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { Deliveries, type Passage } from "@ropewalk/mesh/pure/deliveries";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";

const now = millis(1_000);
const passage = (to: string, by: number, from?: number): Passage => ({
  ...{ to: to as MeshAddress, by: by as LinkId, from: from as LinkId | undefined },
});
const isBypassed = (deliveries: Deliveries, of: Passage) => deliveries.bypassedUntil(of) > now;

test("three losses bypass a next hop for that destination and for who asked, and for nobody else", () => {
  const deliveries = new Deliveries();
  for (let count = 0; count < 3; count += 1) deliveries.lost(now, passage("a", 1, 7));
  assert.equal(isBypassed(deliveries, passage("a", 1, 7)), true);
  for (const other of [passage("a", 1), passage("a", 1, 8), passage("a", 2, 7), passage("b", 1, 7)]) {
    assert.equal(isBypassed(deliveries, other), false);
    assert.equal(deliveries.share(now, other), 0.5);
  }
  deliveries.delivered(now, passage("a", 1, 7));
  assert.equal(isBypassed(deliveries, passage("a", 1, 7)), false);
});

test("what a neighbour did with the node's own tells of it for other destinations; what it did with others' does not", () => {
  const deliveries = new Deliveries();
  deliveries.delivered(now, passage("a", 1));
  deliveries.lost(now, passage("a", 2));
  deliveries.delivered(now, passage("a", 3, 7));
  assert.ok(deliveries.share(now, passage("b", 1)) > 0.5);
  assert.ok(deliveries.share(now, passage("b", 2)) < 0.5);
  assert.equal(deliveries.share(now, passage("b", 3)), 0.5);
  deliveries.linkDown(1 as LinkId);
  assert.equal(deliveries.share(now, passage("b", 1)), 0.5);
});

test("of more than are kept, what was heard of longest ago is forgotten", () => {
  const deliveries = new Deliveries();
  for (let name = 0; name < 9_000; name += 1) {
    deliveries.lost(now, passage(String(name), 1, 7));
    for (let count = 0; name % 4_000 === 0 && count < 30; count += 1) deliveries.lost(now, passage("often", 1, 7));
  }
  assert.equal(deliveries.size, 8_192);
  assert.ok(deliveries.share(now, passage("often", 1, 7)) < 0.1);
  assert.equal(deliveries.share(now, passage("0", 1, 7)), 0.5);
  assert.ok(deliveries.share(now, passage("8999", 1, 7)) < 0.5);
});
