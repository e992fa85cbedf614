/** Which part of a large store meets, and that each has its turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  mostSliceBits,
  nonceOfTurn,
  sliceBitsFor,
  sliced,
  sliceOf,
} from "@ropewalk/mesh/pure/messages/reconcile/slices";
import { twoSets } from "./element-rows.ts";

test("slices are no smaller than they need be, and never of more bits than are taken", () => {
  const bits = [0, 500, 501, 1_000, 1_001, 2 ** 53].map((count) => sliceBitsFor(count, 500));
  assert.deepEqual(bits, [0, 0, 1, 1, 2, mostSliceBits]);
  assert.deepEqual([sliced(1_001, 0), sliced(1_001, 2)], [1_001, 250]);
});

test("turns that follow each other go through all slices, whatever turn is the first", () => {
  const { one } = twoSets(1, 300, 0, 0);
  for (const bits of [1, 3, 5]) {
    const found = Array.from({ length: 2 ** bits }, (_, turn) =>
      sliceOf(one, nonceOfTurn(new Uint8Array(8), 77 + turn), bits),
    );
    const sizes = found.map(({ length }) => length / 2);
    assert.equal(new Set(found.flatMap((slice) => [...slice].filter((_, at) => at % 2 === 1))).size, 300, `${sizes}`);
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      300,
    );
  }
});

test("with all bits a slice has the elements of one beginning, and with none every element", () => {
  const elements = Uint32Array.of(0xbeef_0000, 2, 0xbeee_ffff, 4, 0xbeef_ffff, 6);
  const nonce = Uint8Array.of(0xbe, 0xef, 0, 0, 0, 0, 0, 0);
  assert.deepEqual(sliceOf(elements, nonce, mostSliceBits), Uint32Array.of(0xbeef_0000, 2, 0xbeef_ffff, 6));
  assert.equal(sliceOf(elements, nonce, 0), elements);
  assert.deepEqual(nonceOfTurn(new Uint8Array(8).fill(9), 1), Uint8Array.of(0x80, 0, 9, 9, 9, 9, 9, 9));
});
