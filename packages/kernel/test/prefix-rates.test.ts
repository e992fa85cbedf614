/** Rates of networks, and that remembering them has a bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkPrefix } from "@ropewalk/kernel/network-prefix";
import { PrefixRates } from "@ropewalk/kernel/prefix-rates";
import { millis } from "@ropewalk/kernel/units";

const prefix = (number: number) => `prefix ${number}` as NetworkPrefix;

test("a network that waits gets its burst again, and no more", () => {
  const rates = new PrefixRates({ perSecond: 2, burst: 3, prefixes: 10 });
  const taken = (at: number) => [1, 2, 3, 4].filter(() => rates.take(millis(at), prefix(1))).length;
  assert.equal(taken(0), 3);
  assert.equal(taken(500), 1);
  assert.equal(taken(600_000), 3);
});

test("networks that have not come for as long as their burst takes to fill are forgotten", () => {
  const rates = new PrefixRates({ perSecond: 2, burst: 4, prefixes: 1000 });
  for (let number = 0; number < 100; number += 1) rates.take(millis(number), prefix(number));
  assert.equal(rates.size, 100);
  rates.take(millis(2_099), prefix(200));
  assert.equal(rates.size, 1);
});

test("no more networks are remembered than may be; the one that came the longest ago is forgotten first", () => {
  const rates = new PrefixRates({ perSecond: 0.001, burst: 1, prefixes: 3 });
  const isAllowed = [1, 2, 3, 1, 4, 1, 2].map((number, at) => rates.take(millis(at), prefix(number)));
  assert.deepEqual(isAllowed, [true, true, true, false, true, false, true]);
  assert.equal(rates.size, 3);
});
