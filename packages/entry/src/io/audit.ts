/** Who did what to what. A row is written in the transaction of what it tells, and never changed. */
import type { Millis } from "@ropewalk/kernel/units";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Actor } from "../vpn-control.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

export interface AuditEntry {
  /** "customer.create". */
  readonly action: string;
  readonly actor: Actor;
  readonly subject: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actor_kind: "admin" | "customer" | "node" | "entry";
  readonly actor: string;
  readonly action: string;
  readonly subject: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export async function writeAudit(
  tables: Transaction<Tables>,
  { action, actor, subject, details }: AuditEntry,
): Promise<void> {
  const row = { actor_kind: actor.kind, actor: actor.name, action, subject, details: JSON.stringify(details ?? {}) };
  await tables.insertInto("audit").values(row).execute();
}

/** From the newest on, behind `before`. Throws EntryError. */
export async function readAudit(
  tables: Kysely<Tables>,
  most: number,
  before: string | undefined,
): Promise<readonly AuditRow[]> {
  let query = tables.selectFrom("audit").selectAll().orderBy("id", "desc").limit(most);
  if (before !== undefined) query = query.where("id", "<", before);
  return await query.execute();
}

/** How many were older, `most` at a time. Throws EntryError. */
export async function forgetAudit({ kysely }: Database, retention: Millis, most: number): Promise<number> {
  const { rows } = await sql`delete from audit where id = any(array(
    select id from audit where at <= clock_timestamp() - make_interval(secs => ${retention / 1000}::float8)
    order by at limit ${most}::integer for update skip locked)) returning 1`.execute(kysely);
  return rows.length;
}
