/** What the store keeps of broadcasts: the keys of channels, what was heard of each origin, and what waits for an application. */
import { addressOctets } from "../../pure/mesh-address.ts";
import type { HearOperation, StoredChannel, StoreOutcome } from "../../pure/messages/store-operations.ts";
import { isFirst } from "./receive-statements.ts";
import { type StoreDatabase, sumOf } from "./store-database.ts";

export function putChannel(database: StoreDatabase, { name, key }: StoredChannel): StoreOutcome {
  database.run(
    `INSERT INTO channels (name, key, sum) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET key = excluded.key, sum = excluded.sum`,
    ...[name, key, sumOf(key)],
  );
  return { kind: "done" };
}

export function hear(database: StoreDatabase, { broadcast, once, most }: HearOperation): StoreOutcome {
  const { source, port, id, sent, at, octets } = broadcast;
  if (once.kind === "origin") putOrigin(database, addressOctets(once.address), once.heard);
  else if (!isFirst(database, once.channel, { id, chunk: 0, until: once.until }))
    return { kind: "repeated", what: "content" };
  const origin = source.kind === "origin" ? addressOctets(source.address) : null;
  const channel = source.kind === "channel" ? source.name : null;
  const { row } = database.insert(
    "INSERT INTO broadcasts (origin, channel, port, id, sent, at, sum, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ...[origin, channel, port, Uint8Array.fromHex(id), sent, at, sumOf(octets), octets],
  );
  database.run(
    "DELETE FROM broadcasts WHERE row <= (SELECT row FROM broadcasts ORDER BY row DESC LIMIT 1 OFFSET ?)",
    most,
  );
  return { kind: "delivered", number: row };
}

/** Under a number above all others: who was heard last is read last. */
function putOrigin(database: StoreDatabase, address: Uint8Array, heard: Uint8Array): void {
  database.run("DELETE FROM origins WHERE address = ?", address);
  database.run("INSERT INTO origins (address, heard, sum) VALUES (?, ?, ?)", address, heard, sumOf(heard));
}
