/** Every reason has a state and a place in the order of families. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareProgress, stateOf } from "@ropewalk/backhaul/pure/reasons";
import { reasonCodes, type UplinkReasonCode } from "@ropewalk/backhaul/status";

const codes = Object.values(reasonCodes).flat() as readonly UplinkReasonCode[];

test("a reason belongs to the state in whose group it stands", () => {
  for (const [state, group] of Object.entries(reasonCodes))
    for (const code of group) assert.equal(stateOf(code), state);
});

test("no two reasons have come as far, and none has a place below the first", () => {
  for (const a of codes) {
    assert.ok(compareProgress(a, "disabled") <= 0, `${a} has no place`);
    for (const b of codes)
      assert.equal(Math.sign(compareProgress(a, b)), -Math.sign(compareProgress(b, a)) + 0, `${a}, ${b}`);
    assert.deepEqual(
      codes.filter((b) => compareProgress(a, b) === 0),
      [a],
    );
  }
});

test("the family that is well speaks for the uplink, before one with a fault, one that is tried, and one that lacks something", () => {
  const order = [
    "no-route",
    "silent",
    "no-target",
    "http-intercepted",
    "starting",
    "tcp-blocked",
    "loss",
    "healthy",
    "no-carrier",
  ] as const;
  assert.deepEqual(order.toSorted(compareProgress), [
    "healthy",
    "loss",
    "tcp-blocked",
    "starting",
    "http-intercepted",
    "no-target",
    "silent",
    "no-route",
    "no-carrier",
  ]);
});
