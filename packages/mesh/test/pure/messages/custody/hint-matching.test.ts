/** Hints find whom they mean, a few comparisons at a time, and nobody's flood keeps the others from being compared. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Held } from "@ropewalk/mesh/pure/messages/custody/held";
import { type HintComparer, HintMatching, type MatchedHint } from "@ropewalk/mesh/pure/messages/custody/hint-matching";
import fc from "fast-check";
import { addressNumber, heldNumber, tagNumber } from "../held-makers.ts";

/** A hint that only looks like one: the end of the address. How often they were compared is counted. */
function counted() {
  const made = { count: 0 };
  const comparer: HintComparer = {
    set tag(_: Uint8Array) {},
    fits: (address, hint) => {
      made.count += 1;
      return address.subarray(8).toHex() === hint.toHex();
    },
  };
  return { made, comparer };
}
const fitting = (number: number, of: number, from = 1): Held =>
  heldNumber(number, { hint: addressNumber(of).slice(16), from: addressNumber(from) });
const shown = (matched: readonly MatchedHint[]) => matched.map(({ held, destination }) => `${held.tag} ${destination}`);

test("a hint is found when its address becomes known, before or after it came", () => {
  const { comparer } = counted();
  const matching = new HintMatching(comparer);
  matching.knows(addressNumber(1));
  matching.add(fitting(7, 1));
  matching.add(fitting(8, 2));
  assert.deepEqual(shown(matching.work(100)), [`${tagNumber(7)} ${addressNumber(1)}`]);
  assert.equal(matching.isBehind, false);
  matching.knows(addressNumber(2));
  assert.equal(matching.isBehind, true);
  assert.deepEqual(shown(matching.work(100)), [`${tagNumber(8)} ${addressNumber(2)}`]);
  assert.equal(matching.size, 0);
});

test("each pair is compared once, however often it is asked and somebody is known again", () => {
  const { made, comparer } = counted();
  const matching = new HintMatching(comparer);
  for (let number = 0; number < 10; number += 1) matching.add(fitting(number, 999));
  for (let known = 0; known < 20; known += 1) {
    matching.knows(addressNumber(known));
    matching.knows(addressNumber(known));
    for (let turn = 0; turn < 5; turn += 1) matching.work(100);
  }
  assert.equal(made.count, 200);
});

test("a turn takes no more comparisons than it is given", () => {
  const { made, comparer } = counted();
  const matching = new HintMatching(comparer);
  for (let known = 0; known < 500; known += 1) matching.knows(addressNumber(known));
  for (let number = 0; number < 50; number += 1) matching.add(fitting(number, 999));
  matching.work(130);
  assert.equal(made.count, 130);
  assert.equal(matching.isBehind, true);
});

test("one hint of a quiet neighbour does not wait for a thousand of a loud one", () => {
  const { made, comparer } = counted();
  const matching = new HintMatching(comparer);
  for (let known = 0; known < 100; known += 1) matching.knows(addressNumber(known));
  for (let number = 0; number < 1_000; number += 1) matching.add(fitting(number, 999, 1));
  matching.add(fitting(5_000, 99, 2));
  assert.equal(matching.work(300).length, 1);
  assert.equal(made.count, 300);
});

test("who is gone is compared with nobody, and what is removed is not found", () => {
  const { made, comparer } = counted();
  const matching = new HintMatching(comparer);
  matching.knows(addressNumber(1));
  matching.forgets(addressNumber(1));
  const [one, other] = [fitting(1, 1), fitting(2, 1)];
  matching.add(one);
  matching.add(other);
  assert.deepEqual(matching.work(100), []);
  assert.equal(made.count, 0);
  matching.remove(one);
  matching.knows(addressNumber(1));
  assert.deepEqual(shown(matching.work(100)), [`${tagNumber(2)} ${addressNumber(1)}`]);
});

test("who becomes known after many that are gone is found as well", () => {
  const { comparer } = counted();
  const matching = new HintMatching(comparer);
  matching.add(fitting(1, 5));
  for (let other = 0; other < 5_000; other += 1) {
    matching.knows(addressNumber(10_000 + other));
    matching.work(10);
    matching.forgets(addressNumber(10_000 + other));
  }
  matching.knows(addressNumber(5));
  assert.deepEqual(shown(matching.work(100)), [`${tagNumber(1)} ${addressNumber(5)}`]);
});

test("whoever comes and goes, all that fit somebody known are found, and nothing is compared twice with one who stayed", () => {
  const act = fc.oneof(
    fc.record({ known: fc.nat(30) }),
    fc.record({ gone: fc.nat(30) }),
    fc.record({ fits: fc.nat(40), from: fc.nat(3) }),
    fc.record({ churn: fc.integer({ min: 500, max: 1_500 }) }),
    fc.record({ work: fc.integer({ min: 1, max: 90 }) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const { comparer } = counted();
      const matching = new HintMatching(comparer);
      const known = new Set<number>();
      const waiting = new Map<string, number>();
      const take = (matched: readonly MatchedHint[]) => {
        for (const { held, destination } of matched) {
          assert.equal(destination, addressNumber(waiting.get(held.tag) ?? -1));
          waiting.delete(held.tag);
        }
      };
      for (const [number, each] of acts.entries()) {
        if ("known" in each) {
          known.add(each.known);
          matching.knows(addressNumber(each.known));
        } else if ("gone" in each) {
          known.delete(each.gone);
          matching.forgets(addressNumber(each.gone));
        } else if ("fits" in each) {
          waiting.set(tagNumber(number), each.fits);
          matching.add(fitting(number, each.fits, each.from));
        } else if ("work" in each) take(matching.work(each.work));
        else {
          for (let other = 0; other < each.churn; other += 1) {
            matching.knows(addressNumber(10_000 + other));
            matching.forgets(addressNumber(10_000 + other));
          }
        }
      }
      while (matching.isBehind) take(matching.work(1_000));
      for (const fits of waiting.values()) assert.ok(!known.has(fits), "somebody known was not found");
      assert.equal(matching.size, waiting.size);
    }),
    { numRuns: 60 },
  );
});
