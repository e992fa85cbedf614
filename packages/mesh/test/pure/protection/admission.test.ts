/** Strangers at a full table: some may come, a flood may not, and what it brings counts as long as it lasts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { Admission } from "@ropewalk/mesh/pure/protection/admission";

test("some dozens may come at once, and one each second after them", () => {
  const admission = new Admission();
  const atOnce = Array.from({ length: 100 }, () => admission.offer(millis(0)));
  assert.equal(atOnce.filter(Boolean).length, 63);
  const later = [1_000, 2_000, 3_000].map((now) => admission.offer(millis(now)));
  assert.deepEqual(later, [false, false, false]);
  assert.equal(admission.offer(millis(5_500)), true);
});

test("a flood lets nobody in for as long as it lasts, for what is refused counts too", () => {
  const admission = new Admission();
  let admitted = 0;
  for (let now = 0; now < 60_000; now += 10) if (admission.offer(millis(now))) admitted += 1;
  assert.ok(admitted < 70, `${admitted}`);
});

test("who comes alone is let in, whenever that is", () => {
  const admission = new Admission();
  for (const now of [0, 1, 500, 1_000_000]) assert.equal(admission.offer(millis(now)), true);
});
