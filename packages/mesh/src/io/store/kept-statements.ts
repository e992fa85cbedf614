/** What the store keeps of others and for others: contacts, prekeys, custody and proofs. */
import { addressOctets } from "../../pure/mesh-address.ts";
import type {
  CustodyChangeOperation,
  CustodyTarget,
  StoredContact,
  StoredCustody,
  StoredPrekey,
  StoredProof,
  StoreOutcome,
} from "../../pure/messages/store-operations.ts";
import { type StoreDatabase, sumOf } from "./store-database.ts";

const done: StoreOutcome = { kind: "done" };

export function putContact(database: StoreDatabase, { address, key, name }: StoredContact): StoreOutcome {
  database.run(
    `INSERT INTO contacts (address, key, name, sum) VALUES (?, ?, ?, ?)
     ON CONFLICT (address) DO UPDATE SET key = excluded.key, name = excluded.name, sum = excluded.sum`,
    ...[addressOctets(address), key, name ?? null, sumOf(key)],
  );
  return done;
}

export function putPrekey(database: StoreDatabase, { id, secret, made, until }: StoredPrekey): StoreOutcome {
  database.run(
    `INSERT INTO prekeys (id, secret, made, until, sum) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET
       secret = excluded.secret, made = excluded.made, until = excluded.until, sum = excluded.sum`,
    ...[id, secret, made, until, sumOf(secret)],
  );
  return done;
}

/** What is there keeps its place among the others. */
export function putCustody(database: StoreDatabase, custody: StoredCustody, envelope: Uint8Array): StoreOutcome {
  const { name, to, from, isSenders, priority, until, copies } = custody;
  database.run(
    `INSERT INTO custody (name, address, hint, origin, is_senders, priority, until, copies, sum, envelope)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET
       address = excluded.address, hint = excluded.hint, origin = excluded.origin, is_senders = excluded.is_senders,
       priority = excluded.priority, until = excluded.until, copies = excluded.copies,
       sum = excluded.sum, envelope = excluded.envelope`,
    ...[Uint8Array.fromHex(name), ...targetValues(to), addressOctets(from), Number(isSenders), priority, until],
    ...[copies, sumOf(envelope), envelope],
  );
  return done;
}

export function changeCustody(database: StoreDatabase, { name, to, copies }: CustodyChangeOperation): StoreOutcome {
  const sql = "UPDATE custody SET address = ?, hint = ?, copies = ? WHERE name = ?";
  return found(database.run(sql, ...targetValues(to), copies, Uint8Array.fromHex(name)));
}

export function keepProof(database: StoreDatabase, { tag, ackKey, until }: StoredProof): StoreOutcome {
  database.run(
    `INSERT INTO proofs (tag, ack_key, until) VALUES (?, ?, ?)
     ON CONFLICT (tag) DO UPDATE SET ack_key = excluded.ack_key, until = max(until, excluded.until)`,
    ...[Uint8Array.fromHex(tag), ackKey, until],
  );
  return done;
}

export function hasProof(database: StoreDatabase, tag: string): boolean {
  return database.row("SELECT 1 FROM proofs WHERE tag = ?", Uint8Array.fromHex(tag)) !== undefined;
}

/** What an operation came to that changed so many rows. */
export function found(changes: number): StoreOutcome {
  return changes === 0 ? { kind: "absent" } : done;
}

function targetValues(to: CustodyTarget): readonly [Uint8Array | null, Uint8Array | null] {
  return to.kind === "address" ? [addressOctets(to.address), null] : [null, Uint8Array.fromHex(to.hint)];
}
