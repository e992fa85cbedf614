/** A bag of destinations against a plain list of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { EntryBag, type ShareEntry } from "@ropewalk/mesh/pure/protection/entry-bag";
import fc from "fast-check";

const entryOf = (number: number): ShareEntry => ({
  address: `${number}` as MeshAddress,
  link: 1 as LinkId,
  hops: 1,
  standing: "unconfirmed",
  index: 0,
  older: undefined,
  younger: undefined,
});

test("entries that go from bag to bag are each in one, the oldest is told, and each can be drawn", () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.constantFrom("one", "other", "none"));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const entries = Array.from({ length: 16 }, (_, number) => entryOf(number));
      const bags = { one: new EntryBag(), other: new EntryBag() };
      const lists = { one: new Set<ShareEntry>(), other: new Set<ShareEntry>() };
      for (const [number, to] of steps) {
        const entry = entries[number];
        if (entry === undefined) continue;
        for (const name of ["one", "other"] as const) if (lists[name].delete(entry)) bags[name].delete(entry);
        if (to !== "none") {
          bags[to].add(entry);
          lists[to].add(entry);
        }
        for (const name of ["one", "other"] as const) {
          const [bag, list] = [bags[name], lists[name]];
          assert.equal(bag.size, list.size);
          assert.equal(bag.oldest, list.values().next().value);
          const drawn = new Set(Array.from(list, (_, index) => bag.any((index + 0.5) / list.size)));
          assert.deepEqual(drawn, list);
          assert.equal(bag.any(1) === undefined, list.size === 0);
        }
      }
    }),
  );
});
