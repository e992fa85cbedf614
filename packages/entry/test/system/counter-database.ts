/** A database with one counter in it. */
import type { Database } from "@ropewalk/entry/io/database";
import type { DatabaseLimits } from "@ropewalk/entry/io/database-limits";
import type { OwnServer } from "@ropewalk/entry/io/own-server/own-server";
import { sql } from "kysely";
import { freshDatabase } from "./server-place.ts";

/** Its name is `a`, and a second of that name is refused by `counters_one_per_name`. */
export async function counterDatabase(server: OwnServer, limits: Partial<DatabaseLimits> = {}): Promise<Database> {
  const { database } = await freshDatabase(server, limits);
  await sql`create table counters (name text constraint counters_one_per_name primary key, count integer not null)`.execute(
    database.kysely,
  );
  await sql`insert into counters values ('a', 0)`.execute(database.kysely);
  return database;
}
