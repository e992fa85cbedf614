/** Operations on their way to the store's thread are what they were when they were handed over, whatever becomes of their octets then. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OperationPacker } from "@ropewalk/mesh/io/store/packed-operations";
import type { StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import { accept, address, chain, custody, id, octets, receive, seal, until, whole } from "./stores.ts";

/** One of each kind that brings octets, and some that bring none. */
function someOperations(): readonly StoreOperation[] {
  const part = { kind: "part", port: 7, sent: 1, at: 2, count: 3, octets: octets(5_000, 9) } as const;
  return [
    { ...receive(1, 2, whole("hello")), chain: chain(1, 5) },
    receive(1, 3, part, 1),
    { ...receive(1, 4, { kind: "nothing" }), chain: undefined },
    { ...accept(1), content: octets(100, 3) },
    seal(1, 2),
    custody(1, { size: 300 }),
    { kind: "proof-keep", proof: { tag: id(1), ackKey: octets(16, 4), until } },
    { kind: "chain-put", chain: chain(2, 6) },
    { kind: "chain-forget", sender: address(1), opening: octets(8, 5) },
    { kind: "contact-put", contact: { address: address(2), key: octets(32, 6), name: undefined } },
    { kind: "prekey-put", prekey: { id: 1, secret: octets(32, 7), made: until, until } },
    { kind: "proved", id: id(1), chunk: 0 },
    { kind: "take", number: 1 },
  ];
}

test("they stay as they were though their octets are written over, and their octets are counted", () => {
  const packer = new OperationPacker();
  const [given, wanted] = [someOperations(), someOperations()];
  const packed = packer.pack(given);
  const all = given.flatMap((operation) => octetsIn(operation));
  for (const each of all) each.fill(0xff);
  assert.deepEqual(packed.operations, wanted);
  assert.equal(
    packed.octets,
    all.reduce((sum, { length }) => sum + length, 0),
  );
});

test("what is small shares its memory with what else is", () => {
  const { operations } = new OperationPacker().pack(Array.from({ length: 20 }, (_, number) => seal(number, number)));
  assert.equal(new Set(operations.flatMap(octetsIn).map(({ buffer }) => buffer)).size, 1);
});

/** All of them, at whatever depth. */
function octetsIn(value: unknown): readonly Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(octetsIn) : [];
}
