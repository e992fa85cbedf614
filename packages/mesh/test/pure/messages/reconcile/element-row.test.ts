/** A row of elements beside a map of them, whatever comes and goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ElementRow, type RowMember } from "@ropewalk/mesh/pure/messages/reconcile/element-row";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";
import fc from "fast-check";
import { named } from "./element-rows.ts";

interface Entry extends RowMember {
  readonly number: number;
}

/** Numbers come where they are not there, and go where they are; each ends at its number. */
const steps = fc.array(fc.nat(40), { maxLength: 400 });

test("a row has what was added and not taken out, without what has ended", () => {
  fc.assert(
    fc.property(steps, fc.nat(40), (numbers, now) => {
      const [row, members] = [new ElementRow<Entry>(), new Map<number, Entry>()];
      for (const number of numbers) {
        const known = members.get(number);
        if (known !== undefined) {
          row.delete(known);
          members.delete(number);
          continue;
        }
        const member = { number, rowPlace: -1 };
        members.set(number, member);
        row.add(member, [number % 7, number], number);
      }
      assert.equal(row.size, members.size);
      const words = new Uint32Array(1 + 2 * row.size);
      const end = row.copy(now as StoreTime, words, 1);
      const left = [...members.keys()].filter((number) => number > now).flatMap((number) => [number % 7, number]);
      assert.deepEqual(named(words.slice(1, end)), named(Uint32Array.from(left)));
      const some = row.withUpper(new Set([2, 3])).map(({ number }) => number);
      assert.deepEqual(
        some.toSorted((one, other) => one - other),
        [...members.keys()].filter((number) => [2, 3].includes(number % 7)).toSorted((one, other) => one - other),
      );
    }),
  );
});
