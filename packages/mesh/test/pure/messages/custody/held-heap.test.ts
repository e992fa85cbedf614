/** A heap whose members can leave from any place. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Held } from "@ropewalk/mesh/pure/messages/custody/held";
import { HeldHeap } from "@ropewalk/mesh/pure/messages/custody/held-heap";
import fc from "fast-check";
import { heldNumber } from "../held-makers.ts";

const endsBefore = (one: Held, other: Held) => one.until < other.until;

test("whatever comes and goes, the first is one of the least, and those outside know that they are", () => {
  const act = fc.oneof(fc.record({ add: fc.nat(50) }), fc.record({ remove: fc.nat(1_000) }));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300, size: "max" }), (acts) => {
      const heap = new HeldHeap("byEnd", endsBefore);
      const members: Held[] = [];
      for (const [number, each] of acts.entries()) {
        if ("add" in each) {
          const held = heldNumber(number, { until: each.add });
          heap.add(held);
          members.push(held);
        } else if (members.length > 0) {
          const [gone] = members.splice(each.remove % members.length, 1);
          if (gone !== undefined) heap.delete(gone);
          assert.equal(gone?.byEnd, -1);
        }
        assert.equal(heap.size, members.length);
        const least = members.length === 0 ? undefined : Math.min(...members.map(({ until }) => until));
        assert.equal(heap.first?.until, least);
      }
    }),
  );
});
