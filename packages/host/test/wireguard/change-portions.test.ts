/** Portions of changes leave a device as the changes would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWireGuardDevice } from "@ropewalk/host/fake/fake-wireguard-device";
import type { PeerChange } from "@ropewalk/host/wireguard/device";
import { formatPrefix } from "@ropewalk/kernel/addresses";
import fc from "fast-check";
import { changePortions } from "../../src/wireguard/pure/change-portions.ts";
import { peer, prefixes, publicKey } from "./peers.ts";

const many = (count: number, from: number) =>
  prefixes(...Array.from({ length: count }, (_, index) => `10.${from}.${index >> 8}.${index & 0xff}/32`));

const numbers = fc.integer({ min: 0, max: 5 });
const counts = fc.constantFrom(0, 1, 256, 257, 600);
const change: fc.Arbitrary<PeerChange> = fc.oneof(
  fc.record({ kind: fc.constant("remove" as const), publicKey: numbers.map(publicKey) }),
  fc.tuple(numbers, counts).map(([number, count]): PeerChange => {
    return { kind: "add", peer: peer(number, { presharedKey: undefined, allowedPrefixes: many(count, number) }) };
  }),
  fc.tuple(numbers, counts, fc.constantFrom("add" as const, "replace" as const)).map(
    ([number, count, kind]): PeerChange => ({
      ...{ kind: "update", publicKey: publicKey(number) },
      values: { prefixes: { kind, prefixes: many(count, 100 + number) } },
    }),
  ),
);

async function afterAll(portions: Iterable<readonly PeerChange[]>): Promise<readonly unknown[]> {
  const device = new FakeWireGuardDevice("wg0", () => publicKey(99));
  for (const portion of portions) await device.change(portion);
  const { peers } = await device.read();
  return [...peers.values()].map(({ publicKey: key, allowedPrefixes }) => [
    key,
    allowedPrefixes.map(formatPrefix).toSorted(),
  ]);
}

test("a device is the same behind the portions as behind the whole, and no portion is empty or long", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
      const portions = [...changePortions(changes)];
      assert.ok(portions.every(({ length }) => length > 0 && length <= 85));
      assert.deepEqual(await afterAll(portions), await afterAll([changes]));
    }),
    { numRuns: 40 },
  );
});
