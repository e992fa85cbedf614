/**
 * Brings a database to the newest migration. One replica does it at a time, the others wait and then find nothing to do; each migration is one
 * transaction, which has its number in it. How to write one: docs/operating/entry-database.md.
 */
import { EntryError, type EntryErrorCode } from "../errors.ts";
import { type AppliedMigration, type Migration, planMigrations } from "../pure/migration-plan.ts";
import type { Database } from "./database.ts";
import type { LoneConnection } from "./lone-connection.ts";

/** Of the lock that who changes tables holds, in every database alike; the number says "rope" in ASCII. */
const lockKey = 0x72_6f_70_65;
/** For another replica's migration, and for a table that somebody uses: who waits for one lets nobody else come to it. */
const patience = { lock: "10min", table: "5s" };
/** Failures that are not the migration's. */
const ofTheDatabase: readonly EntryErrorCode[] = [
  "ENTRY_DATABASE_DOWN",
  "ENTRY_DATABASE_FULL",
  "ENTRY_DATABASE_BUSY",
  "ENTRY_DATABASE_UNSURE",
];

/**
 * Returns the names of those that this call applied. Throws ENTRY_MIGRATION_CHANGED, _NEWER and _FAILED, and what keeps the database from
 * answering.
 */
export async function migrate(database: Database, known: readonly Migration[]): Promise<readonly string[]> {
  await using connection = await database.alone();
  const done: string[] = [];
  for (;;) {
    const name = await connection.transaction("read write", () => applyNext(connection, known));
    if (name === undefined) return done;
    done.push(name);
  }
}

async function applyNext(connection: LoneConnection, known: readonly Migration[]): Promise<string | undefined> {
  await holdMigrations(connection);
  const plan = planMigrations(known, await appliedMigrations(connection));
  switch (plan.kind) {
    case "changed": {
      const what = `migration ${plan.migration.name} was applied to the database and is another one in this program`;
      throw new EntryError("ENTRY_MIGRATION_CHANGED", `${what}. Use the program that applied it, or a later one`);
    }
    case "newer": {
      const what = `the database has migration ${plan.number}, and this program knows ${known.length}`;
      throw new EntryError(
        "ENTRY_MIGRATION_NEWER",
        `${what}. Use the version of Ropewalk that made it, or a later one`,
      );
    }
    case "apply": {
      const [next] = plan.next;
      if (next !== undefined) await applyMigration(connection, next);
      return next?.name;
    }
  }
}

/** Until the transaction ends: nobody else changes tables. */
export async function holdMigrations(connection: LoneConnection): Promise<void> {
  await connection.rows(`set local lock_timeout = '${patience.lock}'`);
  await connection.rows("select pg_advisory_xact_lock($1)", [lockKey]);
  await connection.rows(`set local lock_timeout = '${patience.table}'`);
}

/** None where the database has not been migrated. */
export async function appliedMigrations(connection: LoneConnection): Promise<readonly AppliedMigration[]> {
  const [there] = await connection.rows<{ readonly there: boolean }>(
    "select to_regclass('ropewalk_migrations') is not null as there",
  );
  if (there?.there !== true) return [];
  return connection.rows<AppliedMigration>("select number, name, checksum from ropewalk_migrations order by number");
}

/** In the transaction that is under way. */
export async function applyMigration(
  connection: LoneConnection,
  { number, name, checksum, sql }: Migration,
): Promise<void> {
  try {
    await connection.rows(
      "create table if not exists ropewalk_migrations (number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())",
    );
    await connection.rows(sql);
    await connection.rows("insert into ropewalk_migrations (number, name, checksum) values ($1, $2, $3)", [
      number,
      name,
      checksum,
    ]);
  } catch (error) {
    if (error instanceof EntryError && ofTheDatabase.includes(error.code)) throw error;
    throw new EntryError("ENTRY_MIGRATION_FAILED", `migration ${name} failed and has changed nothing`, {
      cause: error,
    });
  }
}
