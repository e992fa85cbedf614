/** What ends say to each other: one way to write each, and nothing else is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEndToEnd, type EndToEnd, encodeEndToEnd } from "@ropewalk/mesh/pure/end-to-end";
import { addressOf } from "@ropewalk/mesh/pure/mesh-address";
import fc from "fast-check";

const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const plainly = { noNullPrototype: true } as const;
const said: fc.Arbitrary<EndToEnd> = fc.oneof(
  fc.record(
    { kind: fc.constantFrom("ping" as const, "pong" as const, "trace" as const), nonce: octetsOf(16) },
    plainly,
  ),
  fc.record(
    {
      kind: fc.constant("traced" as const),
      nonce: octetsOf(16),
      path: fc.array(octetsOf(16).map(addressOf), { maxLength: 64, size: "max" }),
    },
    plainly,
  ),
);

test("what is written is read as it was", () => {
  fc.assert(fc.property(said, (one) => assert.deepEqual(decodeEndToEnd(encodeEndToEnd(one)), one)));
});

test("whatever is read would be written as the same octets", () => {
  const code = fc.nat(6).map((number) => Uint8Array.of(number));
  const octets = fc
    .tuple(code, fc.uint8Array({ maxLength: 1_100, size: "max" }))
    .map(([head, rest]) => Uint8Array.of(...head, ...rest));
  fc.assert(
    fc.property(fc.oneof(octets, said.map(encodeEndToEnd)), (given) => {
      const read = decodeEndToEnd(given);
      if (read !== undefined) assert.equal(encodeEndToEnd(read).toHex(), given.toHex());
    }),
  );
});

test("a path of more than 64, a part of an address, a ping with something behind it and a nonce too short are nothing", () => {
  const nonce = new Uint8Array(16);
  const traced = encodeEndToEnd({ kind: "traced", nonce, path: [] });
  assert.equal(decodeEndToEnd(Uint8Array.of(...traced, ...new Uint8Array(65 * 16))), undefined);
  assert.equal(decodeEndToEnd(Uint8Array.of(...traced, 1)), undefined);
  for (const kind of ["ping", "pong", "trace"] as const) {
    const octets = encodeEndToEnd({ kind, nonce });
    assert.equal(decodeEndToEnd(Uint8Array.of(...octets, 0)), undefined);
    assert.equal(decodeEndToEnd(octets.subarray(0, 16)), undefined);
  }
});
