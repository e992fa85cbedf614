/** Octets from a space are as good as octets of their own, for as long as anybody has them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OctetSpace } from "@ropewalk/mesh/pure/wire/octet-space";

test("whatever is taken is zeros, as long as it was asked for, and nobody else writes into it", () => {
  const space = new OctetSpace();
  const lengths = Array.from({ length: 2_000 }, (_, number) => (number * 37) % 301);
  const taken = [...lengths, 4_096, 4_097, 100_000].map((length, number) => {
    const octets = space.take(length);
    assert.equal(octets.length, length);
    assert.ok(octets.every((octet) => octet === 0));
    return octets.fill((number % 255) + 1);
  });
  for (const [number, octets] of taken.entries()) assert.ok(octets.every((octet) => octet === (number % 255) + 1));
});

test("small ones lie side by side, and what is large is not kept by a small one", () => {
  const space = new OctetSpace();
  const [one, other, large] = [space.take(100), space.take(100), space.take(5_000)];
  assert.equal(one.buffer, other.buffer);
  assert.equal(large.buffer.byteLength, 5_000);
  assert.ok(one.buffer.byteLength <= 16_384);
});
