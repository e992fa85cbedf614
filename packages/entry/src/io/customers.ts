/** Customers: made and closed by admins. A closed one stays, for what it did is told of him. */
import { sql } from "kysely";
import type { Actor, CustomerId } from "../vpn-control.ts";
import { writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";

export interface CustomerRow {
  readonly id: string;
  readonly created_at: Date;
  readonly closed_at: Date | null;
}

export class Customers {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Once for each id, however often it is asked. Throws EntryError. */
  async create(id: CustomerId, actor: Actor): Promise<CustomerRow> {
    return await this.#database.transaction(async (tables) => {
      const made = await tables
        .insertInto("customers")
        .values({ id })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (made !== undefined) await writeAudit(tables, { action: "customer.create", actor, subject: id });
      return made ?? (await tables.selectFrom("customers").selectAll().where("id", "=", id).executeTakeFirstOrThrow());
    });
  }

  async find(id: CustomerId): Promise<CustomerRow | undefined> {
    return await this.#database.kysely.selectFrom("customers").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** From the newest on, behind `before`. */
  async list(most: number, before: CustomerId | undefined): Promise<readonly CustomerRow[]> {
    let query = this.#database.kysely.selectFrom("customers").selectAll();
    if (before !== undefined)
      query = query.where(sql<boolean>`(created_at, id) < (select created_at, id from customers where id = ${before})`);
    return await query.orderBy("created_at", "desc").orderBy("id", "desc").limit(most).execute();
  }

  /** From now on he begins no session; the one that he has is for the caller to end. Undefined: there is no such customer. */
  async close(id: CustomerId, actor: Actor): Promise<CustomerRow | undefined> {
    return await this.#database.transaction(async (tables) => {
      const closed = await tables
        .updateTable("customers")
        .set({ closed_at: sql<Date>`now()` })
        .where("id", "=", id)
        .where("closed_at", "is", null)
        .returningAll()
        .executeTakeFirst();
      if (closed !== undefined) await writeAudit(tables, { action: "customer.close", actor, subject: id });
      return closed ?? (await tables.selectFrom("customers").selectAll().where("id", "=", id).executeTakeFirst());
    });
  }

  /** That a token was given; undefined: there is no such customer. */
  async noteToken(id: CustomerId, token: string, actor: Actor): Promise<CustomerRow | undefined> {
    return await this.#database.transaction(async (tables) => {
      const row = await tables.selectFrom("customers").selectAll().where("id", "=", id).executeTakeFirst();
      if (row !== undefined && row.closed_at === null)
        await writeAudit(tables, { action: "token.issue", actor, subject: id, details: { token } });
      return row;
    });
  }
}
