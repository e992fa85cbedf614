/** What applications may hand in: how much, by priority. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "@ropewalk/kernel/units";
import { Accepting, acceptedOverhead } from "@ropewalk/mesh/pure/messages/accepting";
import fc from "fast-check";

/** With what each takes besides, 1,000 octets. */
const length = 1_000 - acceptedOverhead;
const acceptingOf = (most: number) => new Accepting({ most: bytes(most), longest: bytes(5_000) });

test("low finds half of the bound, normal three quarters, high nine tenths, and an emergency all of it", () => {
  const counts = [0, 1, 2, 3].map((priority) => {
    const accepting = acceptingOf(20_000);
    let count = 0;
    while (accepting.offer(length, priority).kind === "accepted") count += 1;
    return count;
  });
  assert.deepEqual(counts, [10, 15, 18, 20]);
});

test("a refusal tells the figure and the limit", () => {
  const accepting = acceptingOf(4_000);
  for (let count = 0; count < 3; count += 1) accepting.offer(length, 3);
  assert.deepEqual(accepting.offer(length, 1), { kind: "full", octets: 4_000, limit: 3_000 });
  assert.deepEqual(accepting.offer(5_001, 3), { kind: "too-long", octets: 5_001, limit: 5_000 });
});

test("what is released leaves room again", () => {
  const accepting = acceptingOf(4_000);
  for (let count = 0; count < 2; count += 1) accepting.offer(length, 0);
  assert.equal(accepting.offer(length, 0).kind, "full");
  accepting.release(length);
  assert.equal(accepting.offer(length, 0).kind, "accepted");
});

test("whatever is handed in and released, the bound of each priority holds when one is accepted", () => {
  const act = fc.oneof(
    fc.record({ priority: fc.nat(3), length: fc.nat(6_000) }),
    fc.record({ release: fc.nat(1_000) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200, size: "max" }), (acts) => {
      const accepting = acceptingOf(20_000);
      const inside: number[] = [];
      for (const each of acts) {
        if ("release" in each) {
          const [gone] = inside.splice(each.release % Math.max(1, inside.length), 1);
          if (gone !== undefined) accepting.release(gone);
        } else if (accepting.offer(each.length, each.priority).kind === "accepted") {
          inside.push(each.length);
          assert.ok(accepting.octets <= accepting.limit(each.priority));
        }
        const octets = inside.reduce((sum, one) => sum + one + acceptedOverhead, 0);
        assert.equal(accepting.octets, octets);
      }
    }),
  );
});
