/**
 * Groups of operations, one after the other, of which each changes something everywhere, and what a store must hold that has done the
 * first so many of them: nothing more, nothing less, and none of them by half.
 */
import type { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import type { StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import { accept, allRows, chain, custody, id, inboxTexts, keptName, receive, seal, until, whole } from "./stores.ts";

/** So many groups later what one has put is taken away again. */
const lifetime = 40;
const sender = 3;
/** In the base of the chain, so that it counts. */
const chainOf = (group: number) => ({ ...chain(sender, group % 256), base: group });

/** Groups count from 1. `number`: of the inbox's row that the group of that count made. */
export function groupAt(group: number, number: (group: number) => number | undefined): readonly StoreOperation[] {
  const gone = group - lifetime;
  const taken = number(gone);
  return [
    { ...receive(sender, group, whole(`${group}`)), chain: chainOf(group) },
    custody(group, { size: 40 + (group % 7) * 600 }),
    accept(group, { chunks: 2 }),
    seal(group, 2 ** 32 + group, 0),
    seal(group, 2 ** 33 + group, 1),
    ...(gone < 1
      ? []
      : ([
          { kind: "custody-remove", name: keptName(gone) },
          { kind: "proved", id: id(gone), chunk: group % 2 },
          { kind: "proved", id: id(gone), chunk: (group + 1) % 2 },
        ] as const)),
    ...(taken === undefined ? [] : [{ kind: "take", number: taken } as const]),
  ];
}

/** How many groups the store has done, by its chain; 0 where it is new. */
export async function groupsDone(store: MessageStore): Promise<number> {
  const [row, ...others] = await allRows(store, "chains");
  if (others.length > 0) throw new Error("more chains than were put");
  return row?.base ?? 0;
}

/** In what it differs from a store that has done the first `done` groups. */
export async function differences(store: MessageStore, done: number): Promise<readonly string[]> {
  const kept = Array.from(
    { length: Math.min(done, lifetime) },
    (_, index) => done - Math.min(done, lifetime) + 1 + index,
  );
  const sealed = kept.flatMap((group) => [id(2 ** 32 + group), id(2 ** 33 + group)]);
  const proofs = await allRows(store, "proofs");
  const has: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
    ["inbox", await inboxTexts(store), kept.map(String)],
    ["custody", (await allRows(store, "custody")).map(({ name }) => name), kept.map(keptName)],
    [
      "outbox",
      (await allRows(store, "outbox")).map((row) => `${row.id} ${row.proved}`),
      kept.map((group) => `${id(group)} `),
    ],
    ["sealed", (await allRows(store, "sealed")).map(({ tag }) => tag), sealed],
    ["proofs", [proofs.length], [done]],
    ["chain", await allRows(store, "chains"), done === 0 ? [] : [{ ...chainOf(done), until }]],
  ];
  return has
    .filter(([, found, wanted]) => JSON.stringify(found) !== JSON.stringify(wanted))
    .map(
      ([name, found, wanted]) =>
        `${name} after ${done} groups: ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`,
    );
}
