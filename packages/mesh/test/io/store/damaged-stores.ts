/** A store with rows in every table, and copies of its file that were damaged. */
import type { StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import {
  accept,
  address,
  chain,
  committed,
  custody,
  hearing,
  octets,
  openStore,
  receive,
  type StoreFolder,
  seal,
  time,
  until,
  whole,
} from "./stores.ts";

export const rowsOfEach = 600;

/** Closed, so that all of it is in one file. */
export async function wholeStore(folder: StoreFolder): Promise<void> {
  await using store = await openStore(folder.path);
  for (let first = 0; first < rowsOfEach; first += 50) {
    const indices = Array.from({ length: 50 }, (_, index) => first + index);
    await committed(store, ...indices.flatMap(operations));
  }
}

function operations(index: number): readonly StoreOperation[] {
  return [
    custody(index, { size: 100 + (index % 5) * 400 }),
    accept(index),
    seal(index, 2 ** 32 + index),
    receive(index % 50, index, whole(`${index} `.padEnd(200, "."))),
    { kind: "contact-put", contact: { address: address(index), key: octets(32, index), name: `name ${index}` } },
    { kind: "prekey-put", prekey: { id: index, secret: octets(32, index), made: time(index), until } },
    { kind: "chain-put", chain: chain(index + 1_000, index % 256) },
    // Of these there are few.
    ...(index % 10 === 0 ? broadcastOperations(index) : []),
  ];
}

function broadcastOperations(index: number): readonly StoreOperation[] {
  return [{ kind: "channel-put", channel: { name: `channel ${index}`, key: octets(32, index) } }, hearing(index)];
}
