/** Strangers beyond what is kept, and whose turn ends for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkPrefix } from "@ropewalk/kernel/network-prefix";
import { millis } from "@ropewalk/kernel/units";
import { HalfOpen } from "@ropewalk/mesh/pure/half-open";
import fc from "fast-check";

const prefix = (name: number | string) => `network ${name}` as NetworkPrefix;
const rate = { perSecond: 1_000, burst: 1_000, prefixes: 100 };
const total = { perSecond: 1_000, burst: 1_000 };
const now = millis(0);

test("one too many costs the oldest of the network that has most of them its place", () => {
  const open = new HalfOpen({ most: 3, rate, total });
  for (const [id, name] of [
    [1, "quiet"],
    [2, "flood"],
    [3, "flood"],
  ] as const)
    open.arrive(now, id, prefix(name));
  assert.deepEqual(open.arrive(now, 4, prefix("flood")), { kind: "taken", instead: 2 });
  assert.deepEqual(open.arrive(now, 5, prefix("another")), { kind: "taken", instead: 3 });
  open.leave(4);
  assert.deepEqual(open.arrive(now, 6, prefix("flood")), { kind: "taken", instead: undefined });
});

test("a network has its rate, all have one together, and who is beyond his own uses up nothing of the others'", () => {
  const open = new HalfOpen({
    most: 100,
    rate: { perSecond: 1, burst: 2, prefixes: 100 },
    total: { perSecond: 1, burst: 4 },
  });
  const kinds = (name: string, ...ids: readonly number[]) => ids.map((id) => open.arrive(now, id, prefix(name)).kind);
  assert.deepEqual(kinds("flood", 1, 2, 3, 4, 5), ["taken", "taken", "refused", "refused", "refused"]);
  assert.deepEqual(kinds("second", 6, 7), ["taken", "taken"]);
  assert.deepEqual(kinds("third", 8), ["refused"], "all together have had theirs");
  assert.equal(open.arrive(millis(1_000), 9, prefix("third")).kind, "taken");
});

test("never more than the bound are kept, whoever comes and goes", () => {
  const act = fc.record({ from: fc.integer({ min: 0, max: 4 }), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 1, max: 10 }), (acts, most) => {
      const open = new HalfOpen({ most, rate, total });
      const kept = new Set<number>();
      for (const [id, { from, leaves }] of acts.entries()) {
        const arrival = open.arrive(now, id, prefix(from));
        if (arrival.kind === "taken") kept.add(id);
        if (arrival.kind === "taken" && arrival.instead !== undefined) assert.ok(kept.delete(arrival.instead));
        const [oldest] = kept;
        if (leaves && oldest !== undefined) {
          open.leave(oldest);
          kept.delete(oldest);
        }
        assert.equal(open.size, kept.size);
        assert.ok(open.size <= most);
      }
    }),
  );
});
