/** What applications may hand in: how much, by priority, and who waits for room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "@ropewalk/kernel/units";
import { Accepting, acceptedOverhead } from "@ropewalk/mesh/pure/messages/accepting";
import fc from "fast-check";

/** With what each takes besides, 1,000 octets. */
const length = 1_000 - acceptedOverhead;
const acceptingOf = (most: number, mostWaiting = 10) =>
  new Accepting({ most: bytes(most), longest: bytes(5_000), mostWaiting });

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

test("who waits is accepted when there is room, the urgent first, and of the same in the order in which they came", () => {
  const accepting = acceptingOf(4_000);
  for (let count = 0; count < 4; count += 1) accepting.offer(length, 3);
  for (const [wait, priority] of [0, 1, 2, 1].entries())
    assert.equal(accepting.offer(length, priority, wait).kind, "waiting");
  const released = Array.from({ length: 6 }, () => accepting.release(length));
  assert.deepEqual(released, [[], [2], [1], [3], [], [0]]);
  assert.equal(accepting.waiting, 0);
});

test("nobody passes who waits with the same priority, and an emergency passes all that are less", () => {
  const accepting = acceptingOf(6_000);
  for (let count = 0; count < 4; count += 1) accepting.offer(length, 1);
  assert.equal(accepting.offer(length + 1_000, 1, 7).kind, "waiting");
  const refused = accepting.offer(0, 1);
  assert.deepEqual(refused, { kind: "full", octets: 4_000 + 2_000 + acceptedOverhead, limit: 4_500 });
  assert.equal(accepting.offer(length, 3).kind, "accepted");
  accepting.release(length);
  assert.deepEqual(accepting.release(length), []);
  assert.deepEqual(accepting.release(length), [7]);
});

test("nobody passes a long one when room comes back: neither of its priority nor of a lower", () => {
  for (const behind of [2, 0]) {
    const accepting = acceptingOf(10_000);
    for (let count = 0; count < 9; count += 1) accepting.offer(length, 3);
    accepting.offer(5_000, 2, 1);
    accepting.offer(0, behind, 2);
    const released = Array.from({ length: 6 }, () => accepting.release(length));
    assert.deepEqual(released, [[], [], [], [], [], [1]], `${behind}`);
  }
});

test("who leaves does not stand before the others any more", () => {
  const accepting = acceptingOf(4_000);
  for (let count = 0; count < 2; count += 1) accepting.offer(length, 1);
  assert.equal(accepting.offer(length + 1_000, 1, 1).kind, "waiting");
  assert.equal(accepting.offer(length, 1, 2).kind, "waiting");
  assert.deepEqual(accepting.leave(1), [2]);
  assert.deepEqual(accepting.leave(1), []);
});

test("no more wait than may, and nobody for what there can never be room", () => {
  const accepting = acceptingOf(2_000, 2);
  accepting.offer(length, 3);
  accepting.offer(length, 3);
  assert.deepEqual(accepting.offer(length + 1_001, 3, 1), { kind: "full", octets: 4_001, limit: 2_000 });
  for (const wait of [1, 2]) accepting.offer(length, 3, wait);
  assert.deepEqual(accepting.offer(length, 3, 3), { kind: "crowded", waiting: 2, limit: 2 });
});

test("whatever is handed in and released, the bound of each priority holds when one is accepted", () => {
  const act = fc.oneof(
    fc.record({ priority: fc.nat(3), length: fc.nat(6_000), isWaiting: fc.boolean() }),
    fc.record({ release: fc.nat(1_000) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200, size: "max" }), (acts) => {
      const accepting = acceptingOf(20_000);
      const [inside, waiting] = [[] as number[], new Map<number, { priority: number; length: number }>()];
      const enter = (name: number) => {
        const one = waiting.get(name) ?? assert.fail("nobody waits by this name");
        waiting.delete(name);
        inside.push(one.length);
      };
      for (const [name, each] of acts.entries()) {
        if ("release" in each) {
          const [gone] = inside.splice(each.release % Math.max(1, inside.length), 1);
          if (gone !== undefined) for (const next of accepting.release(gone)) enter(next);
        } else {
          const { kind } = accepting.offer(each.length, each.priority, each.isWaiting ? name : undefined);
          if (kind === "accepted") {
            inside.push(each.length);
            assert.ok(accepting.octets <= accepting.limit(each.priority));
          } else if (kind === "waiting") waiting.set(name, each);
        }
        assert.equal(
          accepting.octets,
          inside.reduce((sum, one) => sum + one + acceptedOverhead, 0),
        );
        assert.ok(accepting.octets <= 20_000);
        assert.equal(accepting.waiting, waiting.size);
      }
      while (inside.length > 0) for (const next of accepting.release(inside.pop() ?? 0)) enter(next);
      assert.equal(waiting.size, 0, "somebody waits though all is empty");
    }),
  );
});
