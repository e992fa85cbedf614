import assert from "node:assert/strict";
import { test } from "node:test";
import { framed, plain, utf8 } from "@ropewalk/crypto/pure/octets";
import { joined } from "@ropewalk/kernel/bytes";
import fc from "fast-check";

const parts = fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 5 });

test("parts are joined as they are", () => {
  assert.deepEqual(joined(Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)), Uint8Array.of(1, 2, 3));
});

test("each framed part stands behind its length in four octets", () => {
  assert.deepEqual(framed(Uint8Array.of(7, 8), new Uint8Array()), Uint8Array.of(0, 0, 0, 2, 7, 8, 0, 0, 0, 0));
});

test("no two lists of parts look alike once they are framed", () => {
  fc.assert(
    fc.property(parts, parts, (left, right) => {
      const isSame = left.length === right.length && left.every((part, at) => part.toHex() === right[at]?.toHex());
      assert.equal(framed(...left).toHex() === framed(...right).toHex(), isSame);
    }),
  );
});

test("octets moved from one part into the next change what is framed, though not what is joined", () => {
  const [left, right] = [[utf8("ab"), utf8("c")] as const, [utf8("a"), utf8("bc")] as const];
  assert.deepEqual(joined(...left), joined(...right));
  assert.notDeepEqual(framed(...left), framed(...right));
});

test("what Node gives becomes a plain array over the same memory", () => {
  const buffer = Buffer.from([1, 2, 3]).subarray(1);
  const view = plain(buffer);
  assert.equal(view.constructor, Uint8Array);
  assert.deepEqual(view, Uint8Array.of(2, 3));
  view[0] = 9;
  assert.equal(buffer[0], 9);
});
