import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { DueQueue } from "@ropewalk/vpn/node/pure/due-queue";
import fc from "fast-check";

const name = fc.constantFrom(..."abcdefgh");
const step = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key: name, at: fc.nat(50) }),
  fc.record({ kind: fc.constant("delete" as const), key: name }),
  fc.record({ kind: fc.constant("take" as const), now: fc.nat(50) }),
);

test("whatever is set, set anew and deleted, what is due comes, in its order, and the deadline is the first of the rest", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const [queue, plain] = [new DueQueue<string>(), new Map<string, number>()];
      for (const one of steps) {
        if (one.kind === "set") {
          queue.set(one.key, millis(one.at));
          plain.set(one.key, one.at);
        } else if (one.kind === "delete") {
          queue.delete(one.key);
          plain.delete(one.key);
        } else {
          const taken = queue.take(millis(one.now));
          const moments = taken.map((key) => plain.get(key) ?? Number.NaN);
          assert.deepEqual(
            moments,
            moments.toSorted((a, b) => a - b),
          );
          const due = [...plain].filter(([, at]) => at <= one.now).map(([key]) => key);
          assert.deepEqual(taken.toSorted(), due.toSorted());
          for (const key of due) plain.delete(key);
        }
        assert.equal(queue.deadline(), plain.size === 0 ? undefined : Math.min(...plain.values()));
      }
    }),
    { numRuns: 500 },
  );
});

test("what is set anew a hundred thousand times takes no more room than what is in it", () => {
  const queue = new DueQueue<number>();
  for (let turn = 0; turn < 1_000; turn += 1) for (let key = 0; key < 100; key += 1) queue.set(key, millis(turn + key));
  assert.equal(queue.deadline(), 999);
  assert.equal(queue.take(millis(2_000)).length, 100);
  assert.equal(queue.deadline(), undefined);
});
