/** Which uplink is best, and that every other one is told why not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidate, compareCandidates, decide, kindBias } from "@ropewalk/backhaul/pure/choice";
import type { UplinkKind } from "@ropewalk/backhaul/status";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import fc from "fast-check";

const nowhere = null;

function candidate(name: string, changes: Partial<Candidate> = {}): Candidate {
  const uplinkId = `mac-${name}` as UplinkId;
  return { uplinkId, name, kind: "ethernet", metered: null, metric: 100, obstacle: undefined, ...changes };
}

function chosen(...candidates: readonly Candidate[]): string {
  const { name, reason } = decide(candidates, nowhere);
  return `${name}: ${reason}`;
}

test("what decides is usability, then cost, then kind, then the kernel's metric, then the id, and it is told", () => {
  const down = candidate("a", { obstacle: "a has no carrier" });
  const metered = candidate("b", { metered: true });
  const wifi = candidate("c", { kind: "wifi" });
  const slower = candidate("d", { metric: 200 });
  assert.equal(chosen(down), "null: no uplink can be used");
  assert.equal(chosen(down, metered), "b: b is the only uplink with carrier, address and route");
  assert.equal(chosen(down, metered, wifi), "c: c is not known to be metered, b is");
  assert.equal(chosen(wifi, slower), "d: d is Ethernet (bias 100), c is Wi-Fi (bias 80)");
  const equal = "of equal ones the kernel's route by e has the lower metric (100; d: 200)";
  assert.equal(chosen(slower, candidate("e")), `e: ${equal}`);
  assert.equal(chosen(candidate("g"), candidate("f")), "f: f and g are equal in all, and mac-f comes first by name");
});

test("one uplink needs no comparison, and none is said to be none", () => {
  assert.equal(chosen(candidate("a")), "a: a is the only uplink");
  assert.equal(chosen(), "null: there is no uplink");
});

test("Ethernet is liked best, tethers least", () => {
  const order = Object.entries(kindBias).toSorted(([, a], [, b]) => b - a);
  assert.equal(order[0]?.[0], "ethernet");
  assert.deepEqual(
    order.slice(-2).map(([kind]) => kind),
    ["usb-tether", "bluetooth-pan"],
  );
});

test("a kernel that sends into an interface without carrier is told of", () => {
  const deadEnd = { uplinkId: "mac-9" as UplinkId, name: "eth9", isDeadEnd: true };
  assert.match(decide([candidate("a")], deadEnd).reason, /the kernel goes on sending by eth9, which has no carrier/);
  assert.doesNotMatch(decide([candidate("a")], { ...deadEnd, isDeadEnd: false }).reason, /kernel/);
});

const candidates = fc.uniqueArray(
  fc.record({
    uplinkId: fc.stringMatching(/^[a-z]{1,6}$/) as fc.Arbitrary<UplinkId>,
    name: fc.stringMatching(/^[a-z]{1,6}$/),
    kind: fc.constantFrom(...(Object.keys(kindBias) as UplinkKind[])),
    metered: fc.constantFrom(true, false, null),
    metric: fc.option(fc.nat({ max: 3 })),
    obstacle: fc.constantFrom(undefined, "no carrier"),
  }),
  { selector: (made) => made.uplinkId, maxLength: 8 },
);

test("the choice is usable, does not depend on the order of the candidates, and rejects each other one with a reason", () => {
  fc.assert(
    fc.property(candidates, (all) => {
      const decision = decide(all, nowhere);
      assert.deepEqual(decide(all.toReversed(), nowhere), decision);
      const best = all.find((one) => one.uplinkId === decision.uplinkId);
      assert.equal(
        best === undefined,
        all.every((one) => one.obstacle !== undefined),
      );
      assert.equal(best?.obstacle, undefined);
      const named = [decision.uplinkId, ...decision.rejected.map((one) => one.uplinkId)].filter((id) => id !== null);
      assert.deepEqual(named.toSorted(), all.map((one) => one.uplinkId).toSorted());
      assert.ok(decision.rejected.every((one) => one.reason !== ""));
    }),
  );
});

test("the order is total: of two candidates exactly one is better", () => {
  fc.assert(
    fc.property(candidates, ([a, b]) => {
      if (a === undefined || b === undefined) return;
      assert.equal(Math.sign(compareCandidates(a, b)), -Math.sign(compareCandidates(b, a)));
      assert.notEqual(compareCandidates(a, b), 0);
    }),
  );
});
