import assert from "node:assert/strict";
import { test } from "node:test";
import { orderTables } from "@ropewalk/entry/pure/table-order";
import fc from "fast-check";

test("each table comes behind those that it points to, whatever they are", () => {
  const table = fc.integer({ min: 0, max: 11 });
  fc.assert(
    fc.property(fc.array(fc.tuple(table, table), { maxLength: 40 }), (pairs) => {
      const tables = Array.from({ length: 12 }, (_, number) => `t${number}`);
      // Towards the smaller number: without a circle.
      const references = pairs.map(([one, other]) => ({
        from: `t${Math.max(one, other)}`,
        to: `t${Math.min(one, other)}`,
      }));
      const order = orderTables(tables, references);
      assert.deepEqual(order?.toSorted(), tables.toSorted());
      for (const { from, to } of references)
        if (from !== to) assert.ok((order?.indexOf(to) ?? 0) < (order?.indexOf(from) ?? 0), `${to} before ${from}`);
    }),
    { numRuns: 2_000 },
  );
});

test("a circle has no order", () => {
  assert.equal(
    orderTables(
      ["a", "b", "c"],
      [
        { from: "a", to: "b" },
        { from: "b", to: "a" },
      ],
    ),
    undefined,
  );
});
