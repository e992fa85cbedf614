/** Counts of connections: none above its bound, none left over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionCounts } from "@ropewalk/tunnel/pure/connection-counts";
import fc from "fast-check";

test("a key has as many as it may, and again once one is given back", () => {
  const counts = new ConnectionCounts<string>();
  const places = [counts.take("db", 2), counts.take("db", 2), counts.take("db", 2), counts.take("wiki", 1)];
  assert.deepEqual(
    places.map((place) => place !== undefined),
    [true, true, false, true],
  );
  places[0]?.[Symbol.dispose]();
  places[0]?.[Symbol.dispose]();
  assert.equal(counts.of("db"), 1);
  assert.notEqual(counts.take("db", 2), undefined);
});

test("whatever is taken and given back in whichever order, the count is of what is held, and in the end nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 200 }), (steps) => {
      const counts = new ConnectionCounts<number>();
      const held: { readonly key: number; readonly place: Disposable }[] = [];
      for (const [key, isTaking] of steps) {
        const place = isTaking ? counts.take(key, 5) : undefined;
        if (place !== undefined) held.push({ key, place });
        if (!isTaking) held.splice(key, 1)[0]?.place[Symbol.dispose]();
        assert.equal(counts.total, held.length);
        assert(counts.of(key) <= 5);
      }
      for (const { place } of held) place[Symbol.dispose]();
      assert.deepEqual([counts.total, counts.size], [0, 0]);
    }),
  );
});
