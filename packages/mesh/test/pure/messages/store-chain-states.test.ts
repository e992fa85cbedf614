/** What goes to the store together says of each chain once how far it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { StoreGroups, type StoreOutput } from "@ropewalk/mesh/pure/messages/store-groups";
import type { ReceiveOperation, StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";

const until = 1 as StoreTime;

/** The number `base` - 1 of a chain of a sender's. */
function received(sender: string, opening: number, base: number): ReceiveOperation {
  const address = sender.repeat(32) as MeshAddress;
  const chain = { sender: address, opening: new Uint8Array(8).fill(opening), key: new Uint8Array(32), base };
  return {
    ...{ kind: "receive", sender: address, id: "00".repeat(8), chunk: 0, received: { kind: "nothing" }, until },
    ...{ chain: { ...chain, seen: new Uint8Array(), until } },
    proof: { tag: "00".repeat(8), ackKey: new Uint8Array(16), until },
  };
}

/** The groups that go to the store. */
function groupsOf(operations: readonly StoreOperation[]): readonly (readonly StoreOperation[])[] {
  const outputs: StoreOutput[] = [];
  const groups = new StoreGroups((output) => void outputs.push(output));
  for (const operation of operations) groups.call(operation);
  groups.flush();
  return outputs.map((output) => (output.kind === "write" ? output.operations : []));
}

function basesOf(operations: readonly StoreOperation[]): readonly (number | undefined)[] {
  return operations.map((operation) => (operation.kind === "receive" ? operation.chain?.base : -1));
}

test("of what is received together the last of each chain brings its state, whoever else has one like it", () => {
  const all = [received("a", 1, 5), received("a", 2, 6), received("b", 1, 7), received("a", 1, 8)];
  const [group = []] = groupsOf([...all, { kind: "take", number: 1 }, received("a", 2, 9)]);
  assert.deepEqual(basesOf(group), [undefined, undefined, 7, 8, -1, 9]);
});

test("what is kept by another transaction has its own state with it", () => {
  const all = Array.from({ length: 130 }, (_, number) => received("a", 1, number + 2));
  const bases = groupsOf(all).map((group) => basesOf(group).filter((base) => base !== undefined));
  assert.deepEqual(bases, [[129], [131]]);
});

test("who asked is told the outcome of what he asked for", () => {
  const outcomes: string[] = [];
  const groups = new StoreGroups(() => {});
  for (const base of [2, 3])
    groups.call(received("a", 1, base), (_, end, outcome) => void outcomes.push(`${end} ${outcome?.kind}`));
  groups.flush();
  groups.written(millis(0), 1, {
    kind: "committed",
    outcomes: [
      { kind: "delivered", number: 1 },
      { kind: "repeated", what: "content" },
    ],
  });
  assert.deepEqual(outcomes, ["durable delivered", "durable repeated"]);
});
