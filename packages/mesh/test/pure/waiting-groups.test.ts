/** What waits for the disk while a batch is under way: in order, in batches, and never more than the bounds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { WaitingGroups } from "@ropewalk/mesh/pure/messages/waiting-groups";
import fc from "fast-check";

const bounds = { waiting: { operations: 10, octets: 1_000 }, batch: { operations: 4, octets: 300 } };
const light = (operations: number) => ({ operations, octets: 10 });

test("what waits together is one batch, in the order in which it came", () => {
  const waiting = new WaitingGroups<string>(bounds);
  for (const name of ["a", "b", "c"]) assert.ok(waiting.offer(name, light(1)));
  assert.deepEqual(waiting.take(), ["a", "b", "c"]);
  assert.deepEqual(waiting.take(), []);
});

test("a batch is no larger than it may be, in operations and in octets, but one group is always in it", () => {
  const waiting = new WaitingGroups<string>(bounds);
  waiting.offer("a", light(3));
  waiting.offer("b", light(2));
  waiting.offer("c", { operations: 1, octets: 290 });
  waiting.offer("d", { operations: 1, octets: 500 });
  assert.deepEqual([waiting.take(), waiting.take(), waiting.take(), waiting.take()], [["a"], ["b", "c"], ["d"], []]);
});

test("what is more than may wait is refused until there is room, and a group of any size is taken where none waits", () => {
  const waiting = new WaitingGroups<string>(bounds);
  assert.ok(waiting.offer("large", { operations: 50, octets: 5_000 }));
  assert.equal(waiting.offer("a", light(1)), false);
  assert.deepEqual(waiting.take(), ["large"]);
  assert.ok(waiting.offer("b", light(10)));
  assert.equal(waiting.offer("c", light(1)), false);
  waiting.take();
  assert.ok(waiting.offer("d", { operations: 1, octets: 1_000 }));
  assert.equal(waiting.offer("e", light(1)), false);
  assert.equal(waiting.size, 1);
});

test("whatever is offered and taken, each group that was taken in comes out once and in order, within the bounds", () => {
  const step = fc.oneof(
    fc.record({ operations: fc.integer({ min: 1, max: 6 }), octets: fc.integer({ min: 0, max: 400 }) }),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const waiting = new WaitingGroups<number>(bounds);
      const model: { readonly name: number; readonly operations: number; readonly octets: number }[] = [];
      const sum = (of: "operations" | "octets", list: readonly (typeof model)[number][]) =>
        list.reduce((total, one) => total + one[of], 0);
      for (const [name, weight] of steps.entries()) {
        if (weight === undefined) {
          const batch = model.splice(0, waiting.take().length);
          assert.ok(batch.length <= 1 || (sum("operations", batch) <= 4 && sum("octets", batch) <= 300));
          continue;
        }
        const isWithin =
          sum("operations", model) + weight.operations <= 10 && sum("octets", model) + weight.octets <= 1_000;
        assert.equal(waiting.offer(name, weight), isWithin || model.length === 0);
        if (isWithin || model.length === 0) model.push({ name, ...weight });
      }
      const rest: number[] = [];
      for (let batch = waiting.take(); batch.length > 0; batch = waiting.take()) rest.push(...batch);
      assert.deepEqual(
        rest,
        model.map(({ name }) => name),
      );
    }),
  );
});
