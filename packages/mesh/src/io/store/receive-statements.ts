/** What the store does with an envelope that was opened here: it is the last judge of whether its content was there before. */
import { joined } from "@ropewalk/kernel/bytes";
import { addressOctets, addressOf } from "../../pure/mesh-address.ts";
import type {
  GiveUpOperation,
  ReceivedContent,
  ReceiveOperation,
  StoredChain,
  StoreOutcome,
} from "../../pure/messages/store-operations.ts";
import { hasProof, keepProof } from "./kept-statements.ts";
import { numberOf, octetsOf, type StoreDatabase, summedOctets, sumOf } from "./store-database.ts";

export function receive(database: StoreDatabase, operation: ReceiveOperation): StoreOutcome {
  if (operation.chain !== undefined) putChain(database, operation.chain);
  if (operation.received.kind === "part" && isGivenUp(database, operation)) return { kind: "given-up" };
  const what = hasProof(database, operation.proof.tag) ? "envelope" : "content";
  keepProof(database, operation.proof);
  const { sender, id, chunk, until } = operation;
  if (!isFirst(database, addressOctets(sender), { id, chunk, until })) return { kind: "repeated", what };
  return keepContent(database, operation);
}

/** Instead of a part's number: the message was given up. */
const givenUp = -1;

/** That it was is remembered as the parts are that came. */
export function giveUp(database: StoreDatabase, { sender, id, until }: GiveUpOperation): StoreOutcome {
  const key = [addressOctets(sender), Uint8Array.fromHex(id)] as const;
  database.run("DELETE FROM parts WHERE sender = ? AND id = ?", ...key);
  database.run(
    `INSERT INTO seen (sender, id, chunk, until) VALUES (?, ?, ?, ?)
     ON CONFLICT (sender, id, chunk) DO UPDATE SET until = max(until, excluded.until)`,
    ...[...key, givenUp, until],
  );
  return { kind: "done" };
}

function isGivenUp(database: StoreDatabase, { sender, id }: ReceiveOperation): boolean {
  const sql = "SELECT 1 FROM seen WHERE sender = ? AND id = ? AND chunk = ?";
  return database.row(sql, addressOctets(sender), Uint8Array.fromHex(id), givenUp) !== undefined;
}

/** The application has it. */
export function take(database: StoreDatabase, number: number): StoreOutcome {
  const row = database.row("SELECT sender, length(content) AS size FROM inbox WHERE row = ?", number);
  if (row === undefined) return { kind: "absent" };
  database.run("DELETE FROM inbox WHERE row = ?", number);
  return { kind: "taken", sender: addressOf(octetsOf(row, "sender")), size: numberOf(row, "size") };
}

export function putChain(database: StoreDatabase, chain: StoredChain): StoreOutcome {
  const { sender, opening, key, base, seen, until } = chain;
  database.run(
    `INSERT INTO chains (sender, opening, key, base, seen, until, sum) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (sender, opening) DO UPDATE SET
       key = excluded.key, base = excluded.base, seen = excluded.seen, until = excluded.until, sum = excluded.sum`,
    ...[addressOctets(sender), opening, key, base, seen, until, sumOf(key, seen)],
  );
  return { kind: "done" };
}

/** Whether it was never there. It is remembered from now on, as long as any copy of it may come. `sender`: 16 octets. */
export function isFirst(
  database: StoreDatabase,
  sender: Uint8Array,
  { id, chunk, until }: Pick<ReceiveOperation, "id" | "chunk" | "until">,
): boolean {
  const key = [sender, Uint8Array.fromHex(id), chunk] as const;
  const sql = "INSERT INTO seen (sender, id, chunk, until) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
  if (database.run(sql, ...key, until) > 0) return true;
  database.run(
    "UPDATE seen SET until = ? WHERE sender = ? AND id = ? AND chunk = ? AND until < ?",
    ...[until, ...key, until],
  );
  return false;
}

function keepContent(database: StoreDatabase, operation: ReceiveOperation): StoreOutcome {
  const { received } = operation;
  switch (received.kind) {
    case "nothing":
      return { kind: "done" };
    case "whole":
      return deliver(database, operation, received, received.octets);
    case "part":
      return keepPart(database, operation, received);
  }
}

type Content<Kind> = Extract<ReceivedContent, { readonly kind: Kind }>;

/** The last part to come puts the message together. */
function keepPart(database: StoreDatabase, operation: ReceiveOperation, part: Content<"part">): StoreOutcome {
  const key = [addressOctets(operation.sender), Uint8Array.fromHex(operation.id)] as const;
  database.run(
    `INSERT INTO parts (sender, id, chunk, count, until, sum, octets) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    ...[...key, operation.chunk, part.count, operation.until, sumOf(part.octets), part.octets],
  );
  const there = database.number(
    "SELECT count(*) FROM parts WHERE sender = ? AND id = ? AND count = ? AND chunk < count",
    ...[...key, part.count],
  );
  if (there < part.count) return { kind: "done" };
  const sql = "SELECT octets, sum FROM parts WHERE sender = ? AND id = ? AND count = ? ORDER BY chunk";
  const pieces = database.rows(sql, ...key, part.count).map((row) => summedOctets(row, "octets"));
  database.run("DELETE FROM parts WHERE sender = ? AND id = ?", ...key);
  return deliver(database, operation, part, joined(...pieces));
}

function deliver(
  database: StoreDatabase,
  { sender, id }: ReceiveOperation,
  { port, sent, at }: Content<"whole" | "part">,
  octets: Uint8Array,
): StoreOutcome {
  const { row } = database.insert(
    "INSERT INTO inbox (sender, port, id, sent, at, sum, content) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ...[addressOctets(sender), port, Uint8Array.fromHex(id), sent, at],
    ...[sumOf(octets), octets],
  );
  return { kind: "delivered", number: row };
}
