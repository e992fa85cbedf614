import assert from "node:assert/strict";
import { test } from "node:test";
import { wantsSnapshot } from "@ropewalk/entry/pure/snapshot-need";
import { checkStatus, type ToldExit, type ToldStatus } from "@ropewalk/entry/pure/told-status";
import { millis, seconds } from "@ropewalk/kernel/units";
import fc from "fast-check";

const exit: ToldExit = {
  ...{
    publicKey: new Uint8Array(32).fill(7),
    endpoint: "Exit.Example:51820",
    capacity: 250,
    activePeers: 3,
    quarantineMillis: 30_000,
  },
  ...{ pools: ["fd00:0::/64", "10.90.0.0/24"], ownAddresses: ["10.90.0.1", "fd00::1"] },
};
const status: ToldStatus = {
  ...{ boot: "b", bootMillis: 5n, latestGeneration: 9n, controlAddress: "[fd00::2]:7431" },
  ...{ troubles: ["warm"], version: "1.2.3", exit },
};
const withExit = (given: Partial<ToldExit>) => checkStatus({ ...status, exit: { ...exit, ...given } });

test("what a node tells is stored in its canonical form", () => {
  assert.deepEqual(checkStatus(status), {
    ...{ boot: "b", bootMillis: 5, latestGeneration: 9, controlAddress: "[fd00::2]:7431" },
    ...{ troubles: ["warm"], version: "1.2.3" },
    exit: {
      ...{
        publicKey: exit.publicKey,
        endpoint: "exit.example:51820",
        capacity: 250,
        activePeers: 3,
        quarantineMillis: 30_000,
      },
      ...{ poolV4: "10.90.0.0/24", poolV6: "fd00::/64", ownAddresses: ["10.90.0.1", "fd00::1"] },
    },
  });
  assert.deepEqual(checkStatus({ ...status, controlAddress: "", version: "", exit: undefined }), {
    ...{ boot: "b", bootMillis: 5, latestGeneration: 9, controlAddress: undefined, exit: undefined },
    ...{ troubles: ["warm"], version: undefined },
  });
});

test("what cannot be is refused with the reason", () => {
  assert.match(String(checkStatus({ ...status, boot: "" })), /boot/);
  assert.match(String(checkStatus({ ...status, boot: "a\0b" })), /boot/);
  assert.match(String(checkStatus({ ...status, latestGeneration: 2n ** 63n })), /generation/);
  assert.match(String(checkStatus({ ...status, controlAddress: "nowhere" })), /control address/);
  assert.match(String(withExit({ publicKey: new Uint8Array(32) })), /public key/);
  assert.match(String(withExit({ publicKey: new Uint8Array(31).fill(1) })), /public key/);
  assert.match(String(withExit({ endpoint: "exit.example" })), /endpoint/);
  assert.match(String(withExit({ pools: [] })), /pools/);
  assert.match(String(withExit({ pools: ["10.0.0.0/24", "10.1.0.0/24"] })), /pools/);
  assert.match(String(withExit({ pools: ["10.90.0.1/24"] })), /name of a network/);
  assert.match(String(withExit({ ownAddresses: ["10.91.0.1"] })), /own address/);
  assert.match(String(withExit({ ownAddresses: ["x"] })), /own addresses/);
  assert.match(String(withExit({ capacity: 2 ** 31 })), /capacity/);
});

test("what a node says in words is bounded, and has nothing in it that the database refuses", () => {
  const told = checkStatus({ ...status, troubles: Array(20).fill(`a\0${"b".repeat(300)}`), version: "1\n2\ud800" });
  assert.ok(typeof told === "object");
  assert.deepEqual([told.version, told.troubles.length], ["1\ufffd2\ufffd", 16]);
  assert.equal(told.troubles[0], `a\ufffd${"b".repeat(254)}`);
});

test("whatever a node tells is judged, and breaks nothing", () => {
  const any = fc.record({
    ...{ boot: fc.string(), bootMillis: fc.bigInt(), latestGeneration: fc.bigInt(), controlAddress: fc.string() },
    ...{ troubles: fc.array(fc.string({ unit: "binary" })), version: fc.string({ unit: "binary" }) },
    exit: fc.record({
      ...{
        publicKey: fc.uint8Array(),
        endpoint: fc.string(),
        capacity: fc.nat(),
        activePeers: fc.nat(),
        quarantineMillis: fc.nat(),
      },
      ...{ pools: fc.array(fc.string()), ownAddresses: fc.array(fc.string()) },
    }),
  });
  fc.assert(fc.property(any, (told) => ["string", "object"].includes(typeof checkStatus(told))));
});

test("a node is told all anew where it asks, is another life, was away, or knows what the database does not", () => {
  const [known, heard] = [
    { boot: "b", age: 10_000, generation: 9 },
    { boot: "b", wantsSnapshot: false, latestGeneration: 9 },
  ];
  const told = (
    given: Partial<typeof heard>,
    of: Partial<{ boot: string | undefined; age: number | undefined }> = {},
  ) => wantsSnapshot({ ...known, ...of }, { ...heard, ...given }, seconds(60));
  assert.equal(told({}), false);
  assert.equal(told({ wantsSnapshot: true }), true);
  assert.equal(told({ boot: "c" }), true);
  assert.equal(told({ latestGeneration: 10 }), true);
  assert.equal(told({}, { age: millis(60_001) }), true);
  assert.equal(told({}, { age: undefined, boot: undefined }), true);
});
