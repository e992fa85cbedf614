/** What stands of the operator's orders after each of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  noOrders,
  type OperatorOrder,
  type Orders,
  orderedBy,
  standingOrder,
  wellFormedOrders,
} from "@ropewalk/backhaul/pure/orders";
import type { UplinkId } from "@ropewalk/kernel/connectivity";

const a = "mac-a" as UplinkId;
const b = "mac-b" as UplinkId;

function after(...given: readonly OperatorOrder[]): Orders {
  return given.reduce(orderedBy, noOrders);
}

test("one uplink is pinned at a time, any number are drained, and a use leaves no trace", () => {
  const pinned = after({ kind: "pin", uplinkId: a }, { kind: "pin", uplinkId: b });
  assert.deepEqual(pinned, { pinned: b, drained: [] });
  const drained = after({ kind: "drain", uplinkId: a }, { kind: "drain", uplinkId: b }, { kind: "drain", uplinkId: a });
  assert.deepEqual(drained, { pinned: undefined, drained: [b, a] });
  assert.deepEqual(after({ kind: "use", uplinkId: a }), noOrders);
});

test("a release takes back what was said of one uplink, or of all", () => {
  const given: readonly OperatorOrder[] = [
    { kind: "pin", uplinkId: a },
    { kind: "drain", uplinkId: b },
  ];
  assert.deepEqual(after(...given, { kind: "release", uplinkId: a }), { pinned: undefined, drained: [b] });
  assert.deepEqual(after(...given, { kind: "release", uplinkId: b }), { pinned: a, drained: [] });
  assert.deepEqual(after(...given, { kind: "release", uplinkId: undefined }), noOrders);
});

test("of an uplink that a store calls both pinned and drained the pin counts", () => {
  assert.deepEqual(wellFormedOrders({ pinned: a, drained: [a, b, b] }), { pinned: a, drained: [b] });
  assert.equal(standingOrder(a, { pinned: a, drained: [a] }, a), "pinned");
  assert.equal(standingOrder(a, { pinned: undefined, drained: [a] }, a), "drained");
  assert.equal(standingOrder(a, noOrders, a), "used");
  assert.equal(standingOrder(b, noOrders, a), null);
});
