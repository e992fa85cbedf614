/** What is asked of the store in one turn, and what becomes of it where the disk is full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { StoreGroups, type StoreOutput } from "@ropewalk/mesh/pure/messages/store-groups";
import type { StoreAnswer, StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import { storeTime, tagNumber } from "./held-makers.ts";

const now = millis(0);
const full: StoreAnswer = { kind: "refused", reason: "full", why: "no room" };
const removal: StoreOperation = { kind: "custody-remove", name: `${tagNumber(1)}${tagNumber(1)}` };
const taking: StoreOperation = { kind: "take", number: 7 };
const addition: StoreOperation = {
  kind: "proof-keep",
  proof: { tag: tagNumber(2), ackKey: new Uint8Array(16), until: storeTime(9) },
};

function groups() {
  const written: (StoreOutput & { readonly kind: "write" })[] = [];
  const told: string[] = [];
  const store = new StoreGroups((output) => {
    if (output.kind === "write") written.push(output);
  });
  const ask = (...operations: readonly StoreOperation[]) => {
    for (const operation of operations)
      store.call(operation, (_, end, result) => told.push(`${operation.kind} ${end} ${result?.kind}`));
    store.flush();
  };
  const answer = (what: StoreAnswer) => store.written(now, written.at(-1)?.call ?? 0, what);
  const kinds = () => written.map(({ operations }) => operations.map(({ kind }) => kind).join());
  return { ask, answer, kinds, told };
}

test("on a full disk what only removes goes on without what it was asked for with", () => {
  const { ask, answer, kinds, told } = groups();
  ask(removal, addition, taking);
  answer(full);
  assert.deepEqual(kinds(), ["custody-remove,proof-keep,take", "custody-remove,take"]);
  assert.deepEqual(told, ["proof-keep refused refused"]);
  answer({ kind: "committed", outcomes: [{ kind: "done" }, { kind: "absent" }] });
  assert.deepEqual(told.slice(1), ["custody-remove durable done", "take durable absent"]);
});

test("what cannot even be removed is refused, and not asked for again", () => {
  const { ask, answer, kinds, told } = groups();
  ask(removal, taking);
  answer(full);
  assert.deepEqual([kinds().length, told], [1, ["custody-remove refused refused", "take refused refused"]]);
});

test("where the disk fails nothing is asked for again", () => {
  const { ask, answer, kinds, told } = groups();
  ask(removal, addition);
  answer({ kind: "refused", reason: "failed", why: "it fails" });
  assert.deepEqual([kinds().length, told.length], [1, 2]);
});
