/** Whatever it is told, the store holds and answers what the plainest store would, also when it was opened again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOfPage } from "@ropewalk/mesh/io/store/page-text";
import { StoreKeeper } from "@ropewalk/mesh/io/store/store-keeper";
import type { ReceivedContent, StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import type { PageText, StorePage, StorePages } from "@ropewalk/mesh/pure/messages/store-questions";
import fc from "fast-check";
import { NaiveStore } from "./naive-store.ts";
import {
  accept,
  address,
  chain,
  clock,
  custody,
  id,
  keptName,
  octets,
  receive,
  reserve,
  StoreFolder,
  seal,
  time,
} from "./stores.ts";

const few = fc.integer({ min: 1, max: 4 });
const chunk = fc.integer({ min: 0, max: 2 });
const until = fc.integer({ min: 1, max: 6 }).map(time);
const fill = fc.integer({ min: 0, max: 255 });

const content: fc.Arbitrary<ReceivedContent> = fc.oneof(
  fc.constant({ kind: "nothing" } as const),
  fill.map((value) => ({ kind: "whole", port: 1, sent: 0, at: 0, octets: octets(3, value) }) as const),
  fc
    .tuple(fc.integer({ min: 2, max: 3 }), fill)
    .map(([count, value]) => ({ kind: "part", port: 1, sent: 0, at: 0, count, octets: octets(2, value) }) as const),
);

const operation: fc.Arbitrary<StoreOperation> = fc.oneof(
  fc.tuple(few, few, until).map(([index, chunks, end]) => accept(index, { chunks, until: end })),
  fc.tuple(few, few, chunk).map(([index, tag, which]) => seal(index, tag, which)),
  fc.tuple(few, chunk).map(([index, which]) => ({ kind: "proved", id: id(index), chunk: which }) as const),
  few.map((index) => ({ kind: "withdraw", id: id(index) }) as const),
  fc.tuple(few, few, chunk, content, until, few).map(([sender, index, which, received, end, base]) => ({
    ...receive(sender, index, received, which),
    until: end,
    chain: { ...chain(sender, base), until: end },
    proof: { tag: id(index), ackKey: octets(16, base), until: end },
  })),
  fc.tuple(few, few, until).map(([sender, index, end]) => ({
    ...({ kind: "give-up", sender: address(sender), id: id(index), until: end } as const),
  })),
  fc.tuple(few, until, few).map(([index, end, size]) => custody(index, { until: end, size })),
  fc.tuple(few, few).map(([index, copies]) => ({
    ...({ kind: "custody-change", name: keptName(index), copies } as const),
    to: { kind: "address", address: address(copies) } as const,
  })),
  few.map((index) => ({ kind: "custody-remove", name: keptName(index) }) as const),
  until.map((now) => ({ kind: "expire", now }) as const),
);

test("sequences of operations leave in a store what they leave in the plainest one", () => {
  fc.assert(
    fc.property(fc.array(fc.array(operation, { minLength: 1, maxLength: 12 }), { maxLength: 4 }), (groups) => {
      using folder = new StoreFolder();
      const model = new NaiveStore();
      {
        using store = openKeeper(folder);
        for (const group of groups) {
          const [answer] = store.settle([group]);
          const kinds = answer?.kind === "committed" ? answer.outcomes.map(({ kind }) => kind) : answer;
          assert.deepEqual(
            kinds,
            group.map((one) => model.do(one)),
          );
        }
      }
      using store = openKeeper(folder);
      for (const table of ["outbox", "sealed", "custody", "chains", "proofs"] as const)
        assert.deepEqual(inOrder(rowsOf(store, table)), inOrder([...model[table].values()]), table);
      const inbox = store.answer({ kind: "inbox", after: 0, most: 256, port: undefined });
      assert.deepEqual(inbox.kind === "read" && inbox.value.rows.map((row) => row.content.toHex()), model.inbox);
    }),
    { numRuns: 40 },
  );
});

function openKeeper({ path }: StoreFolder): StoreKeeper {
  return new StoreKeeper({ path, reserve }, { clock, tell: (event) => assert.fail(event.kind) });
}

function rowsOf<Kind extends keyof StorePages>(store: StoreKeeper, of: Kind): readonly StorePages[Kind][] {
  const reading = store.answer({ kind: "page", of, after: 0 });
  if (reading.kind !== "read") return assert.fail(reading.why);
  return rowsOfPage(of, reading.value as StorePage<StorePages[Kind]> | PageText);
}

/** As text, for it does not matter here which came first, nor which of its fields. */
function inOrder(rows: readonly object[]): readonly string[] {
  const text = (row: object) =>
    JSON.stringify(Object.entries(row).toSorted(), (_, value) => (value instanceof Uint8Array ? value.toHex() : value));
  return rows.map(text).toSorted();
}
