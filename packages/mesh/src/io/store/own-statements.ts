/** What the store does with messages of this node's own: from when they are accepted until each of their chunks is proved. */
import { addressOctets } from "../../pure/mesh-address.ts";
import type { AcceptOperation, SealedOperation, StoreOutcome } from "../../pure/messages/store-operations.ts";
import { numberOf, type StoreDatabase, sumOf } from "./store-database.ts";

export function accept(database: StoreDatabase, { message, content }: AcceptOperation): StoreOutcome {
  const { id, contact, port, priority, until, accepted, chunks } = message;
  const changes = database.run(
    `INSERT INTO outbox (id, contact, port, priority, until, accepted, chunks, sum, content)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    ...[Uint8Array.fromHex(id), addressOctets(contact), port, priority, until, accepted, chunks],
    ...[sumOf(content), content],
  );
  return changes === 0 ? { kind: "repeated", what: "content" } : { kind: "done" };
}

/** What was proved meanwhile has no use for another envelope. */
export function seal(database: StoreDatabase, { sealed, envelope }: SealedOperation): StoreOutcome {
  const id = Uint8Array.fromHex(sealed.id);
  const isWanted =
    database.row("SELECT 1 FROM outbox WHERE id = ?", id) !== undefined &&
    database.row("SELECT 1 FROM proved WHERE id = ? AND chunk = ?", id, sealed.chunk) === undefined;
  if (!isWanted) return { kind: "absent" };
  database.run(
    `INSERT INTO sealed (tag, id, chunk, mark, sum, envelope) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (tag) DO UPDATE SET
       id = excluded.id, chunk = excluded.chunk, mark = excluded.mark, sum = excluded.sum, envelope = excluded.envelope`,
    ...[Uint8Array.fromHex(sealed.tag), id, sealed.chunk, sealed.mark, sumOf(envelope), envelope],
  );
  return { kind: "done" };
}

export function prove(database: StoreDatabase, hexId: string, chunk: number): StoreOutcome {
  const id = Uint8Array.fromHex(hexId);
  // Most have one chunk: nothing is to be counted of those.
  if (chunk === 0 && database.run("DELETE FROM outbox WHERE id = ? AND chunks = 1", id) > 0) {
    database.run("DELETE FROM sealed WHERE id = ?", id);
    return { kind: "done" };
  }
  const message = database.row("SELECT chunks FROM outbox WHERE id = ?", id);
  if (message === undefined) return { kind: "absent" };
  const chunks = numberOf(message, "chunks");
  if (chunk < 0 || chunk >= chunks) return { kind: "absent" };
  database.run("INSERT INTO proved (id, chunk) VALUES (?, ?) ON CONFLICT DO NOTHING", id, chunk);
  database.run("DELETE FROM sealed WHERE id = ? AND chunk = ?", id, chunk);
  if (database.number("SELECT count(*) FROM proved WHERE id = ?", id) < chunks) return { kind: "done" };
  removeMessage(database, id);
  return { kind: "done" };
}

export function withdraw(database: StoreDatabase, id: string): StoreOutcome {
  return { kind: removeMessage(database, Uint8Array.fromHex(id)) ? "done" : "absent" };
}

/** With all that belongs to it. */
export function removeMessage(database: StoreDatabase, id: Uint8Array): boolean {
  database.run("DELETE FROM sealed WHERE id = ?", id);
  database.run("DELETE FROM proved WHERE id = ?", id);
  return database.run("DELETE FROM outbox WHERE id = ?", id) > 0;
}
