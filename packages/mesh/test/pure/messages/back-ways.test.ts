/** The way back of proofs: who brought an envelope, by whom it went, and what others who know its tag can do about it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { BackWays, keptLink } from "@ropewalk/mesh/pure/messages/back-ways";
import fc from "fast-check";
import { addressNumber, tagNumber } from "./held-makers.ts";

const link = (number: number) => number as LinkId;
const tag = (number: number) => Uint8Array.fromHex(tagNumber(number));
const [to, moment, key] = [addressNumber(0xd0), millis(1_000), new Uint8Array(16).fill(9)];
const ways = (most?: number) => new BackWays(key, millis(0), most);
const envelope = (number: number, sealed = 0) => ({ tag: tag(number), sealed: new Uint8Array(40).fill(sealed) });
/** As a relay does. */
function pass(of: BackWays, now: Millis, number: number, from: number, by: number): void {
  of.came(now, envelope(number), link(from));
  of.went(now, tag(number), { from: link(from), by: link(by), to });
}

test("a proof goes back by the link that brought the envelope, once", () => {
  const back = ways();
  pass(back, millis(0), 1, 3, 4);
  assert.deepEqual(back.proved(tag(1)), { links: [3], went: { from: 3, by: 4, to } });
  assert.deepEqual(back.proved(tag(1)), { links: [], went: undefined });
  assert.equal(back.proved(tag(2)), undefined);
});

test("of the node's own and of what it kept nobody is told, and what it sent them by is known", () => {
  const back = ways();
  back.went(millis(0), tag(1), { from: undefined, by: link(4), to });
  back.went(millis(0), tag(2), { from: keptLink, by: link(5), to });
  assert.deepEqual(back.proved(tag(1)), { links: [], went: { from: undefined, by: 4, to } });
  assert.deepEqual(back.proved(tag(2)), { links: [], went: { from: keptLink, by: 5, to } });
});

test("who repeats what he saw gets its proof as well, and takes it from nobody", () => {
  const back = ways();
  pass(back, millis(0), 1, 3, 4);
  pass(back, millis(1), 1, 9, 4);
  assert.deepEqual(back.proved(tag(1))?.links, [3, 9]);
  pass(back, millis(2), 2, 9, 4);
  pass(back, millis(3), 2, 3, 4);
  for (let count = 0; count < 10; count += 1) pass(back, millis(4 + count), 2, 9, 4);
  assert.deepEqual(back.proved(tag(2))?.links, [9, 3]);
});

test("the same by the same link to the same neighbour is a repetition for a moment", () => {
  const back = ways();
  pass(back, millis(100), 1, 3, 4);
  const isRepeated = (now: number, from: number, by: number) =>
    back.isRepeated(millis(now), envelope(1), link(from), link(by), moment);
  assert.deepEqual([isRepeated(100, 3, 4), isRepeated(1_099, 3, 4), isRepeated(1_100, 3, 4)], [true, true, false]);
  assert.equal(isRepeated(200, 3, 5), false, "by another neighbour");
  assert.equal(back.isRepeated(millis(200), envelope(2), link(3), link(4), moment), false);
});

test("who sends a tag ahead, again and again, does not stop the envelope of another", () => {
  const back = ways();
  for (let now = 0; now < 3_000; now += 100) {
    pass(back, millis(now), 1, 9, 4);
    assert.equal(back.isRepeated(millis(now), envelope(1), link(3), link(4), moment), false);
  }
  pass(back, millis(3_000), 1, 3, 4);
  pass(back, millis(4_500), 1, 9, 4);
  assert.equal(
    back.isRepeated(millis(5_000), envelope(1), link(3), link(4), moment),
    false,
    "nor when it is tried again",
  );
});

test("what has other octets under the same tag is no repetition, though the same link brings both", () => {
  const back = ways();
  const comes = (now: number, sealed: number) => {
    const isRepeated = back.isRepeated(millis(now), envelope(1, sealed), link(3), link(4), moment);
    back.came(millis(now), envelope(1, sealed), link(3));
    back.went(millis(now), tag(1), { from: link(3), by: link(4), to });
    return isRepeated;
  };
  assert.deepEqual([comes(0, 7), comes(100, 1), comes(200, 7), comes(300, 7)], [false, false, false, true]);
});

test("what was neither proved nor sent again is lost, once, and no sooner than in its time", () => {
  const back = ways();
  pass(back, millis(0), 1, 3, 4);
  pass(back, millis(100), 2, 3, 5);
  pass(back, millis(200), 3, 3, 6);
  back.proved(tag(2));
  assert.deepEqual(back.lost(millis(9_999)), []);
  assert.deepEqual(back.lost(millis(10_001)), [{ from: 3, by: 4, to }]);
  assert.deepEqual(back.lost(millis(20_000)), [{ from: 3, by: 6, to }]);
  assert.deepEqual(back.lost(millis(90_000)), []);
});

test("what is sent again and again without a proof is lost each time that this was long enough", () => {
  const back = ways();
  const lost: number[] = [];
  for (let now = 0; now <= 60_000; now += 1_000) {
    if ([0, 2, 6, 14, 30, 60].includes(now / 1_000)) pass(back, millis(now), 1, 3, 4);
    for (const { by } of back.lost(millis(now))) {
      assert.equal(by, 4);
      lost.push(now / 1_000);
    }
  }
  assert.deepEqual(lost, [10, 30, 60]);
  pass(back, millis(61_000), 1, 3, 5);
  assert.deepEqual(back.lost(millis(71_000)), [], "it went by another, whose time has not come");
});

test("one that is sent again and again keeps nothing behind it from being judged", () => {
  const back = ways();
  pass(back, millis(0), 1, 9, 4);
  pass(back, millis(0), 2, 3, 5);
  for (let now = 0; now <= 12_000; now += 100) pass(back, millis(now), 1, 9, now % 200 === 0 ? 4 : 6);
  assert.deepEqual(back.lost(millis(12_001)), [{ from: 3, by: 5, to }]);
});

test("a thousand or so are judged at once, and the others after them", () => {
  const back = ways();
  for (let number = 0; number < 2_500; number += 1) pass(back, millis(0), number, 3, 4);
  const counts = [1, 2, 3].map(() => back.lost(millis(50_000)).length);
  assert.deepEqual(counts, [1_024, 1_024, 452]);
});

test("memory has a bound, and each is known until as many others came", () => {
  const most = 512;
  const back = ways(most);
  assert.ok(back.memory <= 30 * 1024, `${back.memory}`);
  for (let number = 0; number < 5_000; number += 1) {
    pass(back, millis(number), number, 3, 4);
    assert.ok(back.size <= 2 * most);
  }
  assert.deepEqual(back.proved(tag(5_000 - most))?.links, [3]);
  assert.equal(back.proved(tag(5_000 - 2 * most - 1)), undefined);
  const full = ways();
  for (let number = 0; number < 200_000; number += 1) pass(full, millis(0), number, 3, 4);
  assert.ok(full.memory <= 2 * 3.75 * 2 ** 20, `${full.memory}`);
});

test("whatever passes, the way back is that of a list of who brought it", () => {
  const act = fc.record({ number: fc.nat(40), from: fc.integer({ min: 1, max: 4 }), isProved: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400, size: "max" }), (acts) => {
      const back = ways();
      const brought = new Map<number, number[]>();
      for (const [now, { number, from, isProved }] of acts.entries()) {
        const known = brought.get(number);
        if (isProved) {
          assert.deepEqual(back.proved(tag(number))?.links, known);
          if (known !== undefined) brought.set(number, []);
          continue;
        }
        pass(back, millis(now), number, from, 9);
        const [first = from] = known ?? [];
        const latest = from === first ? known?.[1] : from;
        brought.set(number, latest === undefined ? [first] : [first, latest]);
      }
    }),
  );
});
