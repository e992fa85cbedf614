/** Migrations on a real server: in order, once, whole or not at all, by one replica at a time, and refused where the program is not the right one. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Database } from "@ropewalk/entry/io/database";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import { isPresharedSecret } from "@ropewalk/entry/io/preshared-secret";
import type { Migration } from "@ropewalk/entry/pure/migration-plan";
import { sql } from "kysely";
import { until } from "./condition.ts";
import { addExit, addNode, addPlaced } from "./rows.ts";
import { deps, freshDatabase, serverInPlace } from "./server-place.ts";

let running: Awaited<ReturnType<typeof serverInPlace>>;
before(async () => {
  running = await serverInPlace();
});
after(() => running?.[Symbol.asyncDispose]());

function migrations(...statements: readonly string[]): readonly Migration[] {
  return statements.map((text, index) => ({
    ...{ number: index + 1, name: `000${index + 1}-step`, sql: text },
    checksum: createHash("sha256").update(text).digest("hex"),
  }));
}

const first = "create table things (name text); insert into things values ('first');";
const second = "alter table things add column size integer not null default 7;";

const things = async (database: Database) => (await sql`select * from things`.execute(database.kysely)).rows;

test("while a node may have a placement the preshared secret is the one that it was placed with, and else the last", async () => {
  await using database = (await freshDatabase(running.server)).database;
  await migrate(database, await readMigrations());
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  assert.equal(await isPresharedSecret(database, other), true);
  assert.equal(await isPresharedSecret(database, one), true);
  const { placement } = await addPlaced(database.kysely);
  assert.equal(await isPresharedSecret(database, one), true);
  assert.equal(await isPresharedSecret(database, other), false);
  const own = database.kysely.updateTable("placements").set({ role: "released" });
  await own.where("id", "=", placement).execute();
  assert.equal(await isPresharedSecret(database, other), true);
});

test("the program's own migrations make an empty database whole, and a second time there is nothing to do", async () => {
  await using database = (await freshDatabase(running.server)).database;
  const known = await readMigrations();
  assert.deepEqual(
    await migrate(database, known),
    known.map(({ name }) => name),
  );
  assert.deepEqual(await migrate(database, known), []);
});

test("rows of each version before are there behind the newest, and bear what it asks for", async () => {
  const known = await readMigrations();
  for (let count = 1; count < known.length; count += 1) {
    await using database = (await freshDatabase(running.server)).database;
    await migrate(database, known.slice(0, count));
    const node = await addNode(database.kysely, { admission: "closed" });
    await addExit(database.kysely, node);
    const { session } = await addPlaced(database.kysely, node);
    const before = await sql`select id, name, admission from nodes`.execute(database.kysely);
    assert.equal((await migrate(database, known)).length, known.length - count);
    assert.deepEqual((await sql`select id, name, admission from nodes`.execute(database.kysely)).rows, before.rows);
    await database.kysely.updateTable("nodes").set({ admission: "draining" }).execute();
    const told = await database.kysely.selectFrom("sessions").select(["id", "failure"]).execute();
    assert.deepEqual(told, [{ id: session, failure: null }]);
  }
});

test("a database that has some gets the rest, and keeps its rows", async () => {
  await using database = (await freshDatabase(running.server)).database;
  await migrate(database, migrations(first));
  assert.deepEqual(await migrate(database, migrations(first, second)), ["0002-step"]);
  assert.deepEqual(await things(database), [{ name: "first", size: 7 }]);
});

test("replicas that start at once migrate once, and all find it done", async () => {
  const { database, settings } = await freshDatabase(running.server);
  await using _one = database;
  await using other = new Database(settings, deps);
  const slow = "select pg_sleep(0.3); create table slow (id integer);";
  const known = migrations(first, slow, second);
  const done = await Promise.all([database, other, database, other].map((replica) => migrate(replica, known)));
  assert.deepEqual(done.flat().toSorted(), ["0001-step", "0002-step", "0003-step"]);
  assert.equal((await things(other)).length, 1);
});

test("a replica that dies in a migration leaves nothing of it, and the other does it", async () => {
  const { database, settings } = await freshDatabase(running.server);
  await using _one = database;
  await using other = new Database(settings, deps);
  // It waits for as long as nobody has said that it may go on.
  await sql`create table going (on_with_it integer)`.execute(database.kysely);
  const waiting = `create table half (id integer);
    do $$ begin for time in 1..2000 loop exit when exists (select from going); perform pg_sleep(0.01); end loop; end $$;`;
  const dying = assert.rejects(migrate(database, migrations(first, waiting)), { code: "ENTRY_DATABASE_DOWN" });
  const at = sql<{
    readonly pid: number;
  }>`select pid from pg_stat_activity where state = 'active' and query like '%half%' and pid <> pg_backend_pid() and datname = current_database()`;
  let pid: number | undefined;
  await until("it is in the middle", async () => {
    pid = (await at.execute(other.kysely)).rows[0]?.pid;
    return pid !== undefined;
  });
  const next = migrate(other, migrations(first, waiting));
  await sql`select pg_terminate_backend(${pid})`.execute(other.kysely);
  await dying;
  await sql`insert into going values (1)`.execute(other.kysely);
  assert.deepEqual(await next, ["0002-step"]);
});

test("one that fails changes nothing, says which it was, and those before it stay", async () => {
  await using database = (await freshDatabase(running.server)).database;
  const known = migrations(first, "insert into things values ('second'); select 1 / 0;");
  await assert.rejects(migrate(database, known), { code: "ENTRY_MIGRATION_FAILED", message: /0002-step failed/ });
  assert.deepEqual(await things(database), [{ name: "first" }]);
  assert.deepEqual(await migrate(database, migrations(first, second)), ["0002-step"]);
});

test("an older program refuses a newer database, and changes nothing", async () => {
  await using database = (await freshDatabase(running.server)).database;
  await migrate(database, migrations(first, second));
  await assert.rejects(migrate(database, migrations(first)), {
    code: "ENTRY_MIGRATION_NEWER",
    message: /has migration 2, and this program knows 1/,
  });
});

test("a migration that was changed after it was applied is refused by its name", async () => {
  await using database = (await freshDatabase(running.server)).database;
  await migrate(database, migrations(first));
  await assert.rejects(migrate(database, migrations(`${first} `, second)), {
    code: "ENTRY_MIGRATION_CHANGED",
    message: /0001-step/,
  });
  assert.deepEqual(await things(database), [{ name: "first" }]);
});

test("files that are not in order are refused before a database is asked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "migrations-"));
  try {
    writeFileSync(join(folder, "0001-a.sql"), first);
    writeFileSync(join(folder, "notes.txt"), "");
    const url = pathToFileURL(`${folder}/`);
    const [only] = await readMigrations(url);
    assert.deepEqual(only, { ...migrations(first)[0], name: "0001-a" });
    writeFileSync(join(folder, "0003-c.sql"), second);
    await assert.rejects(readMigrations(url), { code: "ENTRY_MIGRATION_FILES" });
  } finally {
    rmSync(folder, { recursive: true });
  }
  await assert.rejects(readMigrations(pathToFileURL("/nowhere/")), { code: "ENTRY_MIGRATION_FILES" });
});
