import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeHeard,
  encodeHeard,
  type HeardNumbers,
  hear,
  mostBehind,
} from "@ropewalk/mesh/pure/messages/broadcasts/heard-numbers";
import fc from "fast-check";

const number = (sequence: number, epoch = 1) => ({ epoch, sequence });

/** Which of these numbers are heard, one after the other. */
function heardOf(numbers: readonly { readonly epoch: number; readonly sequence: number }[]): readonly boolean[] {
  let state: HeardNumbers | undefined;
  return numbers.map((one) => {
    const next = hear(state, one);
    state = next ?? state;
    return next !== undefined;
  });
}

test("each number is heard once, in whatever order they come", () => {
  assert.deepEqual(heardOf([7, 5, 7, 6, 5, 9, 8, 8].map((one) => number(one))), [
    ...[true, true, false, true, false, true, true, false],
  ]);
});

test("what is too far behind the newest is taken as heard", () => {
  assert.deepEqual(heardOf([number(100), number(100 - mostBehind), number(101 - mostBehind)]), [true, false, true]);
  assert.deepEqual(heardOf([number(1), number(1_000_000), number(1)]), [true, true, false]);
});

test("of an epoch before nothing is heard any more, and a new one begins anew", () => {
  assert.deepEqual(heardOf([number(50), number(1, 2), number(51), number(50), number(50, 2)]), [
    ...[true, true, false, false, true],
  ]);
});

test("no number is heard twice, also by who was restarted in between", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ epoch: fc.nat(2), sequence: fc.nat(150) }), { maxLength: 300 }), (numbers) => {
      const heard = new Set<string>();
      let state: HeardNumbers | undefined;
      for (const one of numbers) {
        const next = hear(state, one);
        if (next === undefined) continue;
        const name = `${one.epoch} ${one.sequence}`;
        assert.ok(!heard.has(name));
        heard.add(name);
        state = decodeHeard(encodeHeard(next));
        assert.deepEqual(state, next);
      }
    }),
    { numRuns: 300 },
  );
});

test("octets that say of no number that it was heard are none", () => {
  assert.equal(decodeHeard(new Uint8Array(16)), undefined);
  assert.equal(decodeHeard(new Uint8Array(15).fill(1)), undefined);
});
