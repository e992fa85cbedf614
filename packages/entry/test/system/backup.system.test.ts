/** Backups that are put back: every row, on another server too, from the migration before; and files that are none. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { backup } from "@ropewalk/entry/io/backup";
import type { Database } from "@ropewalk/entry/io/database";
import type { DatabaseLimits } from "@ropewalk/entry/io/database-limits";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import { restore } from "@ropewalk/entry/io/restore";
import { tableShapes } from "@ropewalk/entry/io/table-shapes";
import type { Migration } from "@ropewalk/entry/pure/migration-plan";
import { seconds } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { sql } from "kysely";
import { until } from "./condition.ts";
import { addExit, addNode, addPlaced } from "./rows.ts";
import { freshDatabase, libraryOnly, serverInPlace } from "./server-place.ts";

let running: Awaited<ReturnType<typeof serverInPlace>>;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "backups-"));
  running = await serverInPlace();
});
after(async () => {
  await running?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const rootOnly = process.getuid?.() === 0 ? {} : { skip: "needs root" };
const when = new Date("2026-11-22T12:00:00Z");
const somewhere = () => join(folder, randomUUID());
const empty = async () => (await freshDatabase(running.server)).database;

/** Rows in every table, with all that COPY has to write otherwise. */
async function filled(limits: Partial<DatabaseLimits> = {}): Promise<Database> {
  const { database } = await freshDatabase(running.server, limits);
  await migrate(database, await readMigrations());
  const into = database.kysely;
  const { node, placement, session } = await addPlaced(into);
  await addExit(into, node, { city: "a\tb\nc\\.d \\N é", addresses_v6: "2001:db8::/64" });
  await addNode(into);
  await into.insertInto("addresses").values({ node, address: "10.90.0.2", placement }).execute();
  await into
    .insertInto("retired_reconnect_keys")
    .values({ hash: randomBytes(32), session })
    .execute();
  await into
    .insertInto("preshared_secret")
    .values({ fingerprint: randomBytes(32) })
    .execute();
  await into
    .insertInto("outbox")
    .values({ node, placement, kind: "place", generation: 7, until_boot: "b", until_millis: 1 })
    .execute();
  const key = { key_hash: randomBytes(32), request_hash: randomBytes(32), expires_at: new Date("2100-01-01") };
  await into
    .insertInto("idempotency_keys")
    .values({ ...key, status: 200, sealed_answer: randomBytes(65_536) })
    .execute();
  const details = JSON.stringify({ why: "\\.\n\\.\n", many: Array.from({ length: 3_000 }, (_, n) => `${n}\n`) });
  for (let time = 0; time < 300; time += 1)
    await into
      .insertInto("audit")
      .values({
        actor_kind: "admin",
        actor: "ada",
        action: "session.start",
        subject: session,
        ...(time % 50 === 0 ? { details } : {}),
      })
      .execute();
  return database;
}

/** Everything that is in a database, as text. */
async function content(database: Database): Promise<Readonly<Record<string, readonly unknown[]>>> {
  await using connection = await database.alone();
  const all: Record<string, readonly unknown[]> = {};
  for (const { name } of await tableShapes(connection))
    all[name] = (
      await connection.rows<{ readonly row: string }>(`select t::text as row from ${name} t order by 1`)
    ).map(({ row }) => row);
  all["migrations"] = await connection.rows("select number, name, checksum from ropewalk_migrations order by number");
  return all;
}

test("what a backup holds is put back row by row, and what is counted goes on", async () => {
  await using database = await filled();
  const path = somewhere();
  const rows = await backup(database, path, when);
  assert.ok(
    Object.values(rows).every((count) => count > 0),
    JSON.stringify(rows),
  );
  assert.equal(rows["audit"], 300);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await using other = await empty();
  assert.deepEqual(await restore(other, path, await readMigrations()), rows);
  assert.deepEqual(await content(other), await content(database));
  const next = { actor_kind: "entry", actor: "entry", action: "backup.restore" } as const;
  const { id } = await other.kysely.insertInto("audit").values(next).returning("id").executeTakeFirstOrThrow();
  assert.equal(Number(id), 301);
});

test("a backup of the machine's PostgreSQL is put back on the library's", async () => {
  await using database = await filled();
  const path = somewhere();
  await backup(database, path, when);
  await using newer = await serverInPlace(await libraryOnly());
  await using other = (await freshDatabase(newer.server)).database;
  await restore(other, path, await readMigrations());
  assert.deepEqual(await content(other), await content(database));
});

test("a backup is of one moment, whatever is written while it is made", async () => {
  await using database = await filled({ lock: seconds(30), idle: seconds(30) });
  const had = await content(database);
  const path = somewhere();
  const { making } = await database.transaction(async (tables) => {
    // It has looked at the placements by then, and comes to their addresses when there is one more of both.
    await sql`lock table placements in access exclusive mode`.execute(tables);
    const work = backup(database, path, when);
    const waits = sql<{
      readonly pid: number;
    }>`select pid from pg_locks where not granted and relation = 'placements'::regclass`;
    await Promise.race([work, until("it waits", async () => (await waits.execute(tables)).rows.length === 1)]);
    const { node, placement } = await addPlaced(tables);
    await tables.insertInto("addresses").values({ node, placement, address: "10.90.0.77" }).execute();
    return { making: work };
  });
  await making;
  await using other = await empty();
  await restore(other, path, await readMigrations());
  assert.deepEqual(await content(other), had);
});

function migrations(...statements: readonly string[]): readonly Migration[] {
  return statements.map((text, index) => ({
    ...{ number: index + 1, name: `000${index + 1}-step`, sql: text },
    checksum: createHash("sha256").update(text).digest("hex"),
  }));
}

const first = "create table things (name text); insert into things values ('from the migration');";
const second = "alter table things add column size integer not null default 7;";

test("a backup of the migration before is put back and brought to the newest", async () => {
  await using database = await empty();
  await migrate(database, migrations(first));
  await sql`insert into things values ('from a customer')`.execute(database.kysely);
  const path = somewhere();
  assert.deepEqual(await backup(database, path, when), { things: 2 });
  await using other = await empty();
  await restore(other, path, migrations(first, second));
  const { rows } = await sql`select * from things order by name`.execute(other.kysely);
  assert.deepEqual(rows, [
    { name: "from a customer", size: 7 },
    { name: "from the migration", size: 7 },
  ]);
});

test("a backup of a newer program, or of one with other migrations, is refused before anything is changed", async () => {
  await using database = await empty();
  await migrate(database, migrations(first, second));
  const path = somewhere();
  await backup(database, path, when);
  await using other = await empty();
  await assert.rejects(restore(other, path, migrations(first)), {
    code: "ENTRY_BACKUP_NEWER",
    message: /newer Ropewalk/,
  });
  const changed = migrations(`${first} `, second);
  await assert.rejects(restore(other, path, changed), { code: "ENTRY_BACKUP_NEWER", message: /other migrations/ });
  await restore(other, path, migrations(first, second));
});

test("a database that is not empty is not restored into, and stays as it was", async () => {
  await using database = await filled();
  const path = somewhere();
  await backup(database, path, when);
  const had = await content(database);
  await assert.rejects(restore(database, path, await readMigrations()), { code: "ENTRY_RESTORE_NOT_EMPTY" });
  assert.deepEqual(await content(database), had);
});

test("a file that has the name is left as it is, and a backup that fails leaves none", async () => {
  await using database = await filled();
  const path = somewhere();
  writeFileSync(path, "mine");
  await assert.rejects(backup(database, path, when), { code: "ENTRY_BACKUP_FILE", message: /something is there/ });
  assert.equal(readFileSync(path, "utf8"), "mine");
  await assert.rejects(backup(database, join(folder, "nowhere/file"), when), { code: "ENTRY_BACKUP_FILE" });
  await using nothing = await empty();
  const other = somewhere();
  await assert.rejects(backup(nothing, other, when), { code: "ENTRY_DATABASE_REFUSED", message: /nothing to back up/ });
  assert.ok(!existsSync(other));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith(".part")),
    [],
  );
});

test(
  "a disk that is full ends a backup at once, and leaves entry and the next backup as they were",
  rootOnly,
  async () => {
    await using database = await filled();
    const small = join(folder, "small");
    mkdirSync(small);
    // Its own mount, which ends with it.
    const script = 'mount -t tmpfs -o size=64k none "$1" && echo mounted && exec cat';
    const keeper = spawn("unshare", ["--mount", "sh", "-c", script, "sh", small], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const gone = once(keeper, "exit");
    try {
      await once(keeper.stdout, "data");
      const inside = `/proc/${keeper.pid}/root${small}`;
      await assert.rejects(backup(database, join(inside, "file"), when), {
        code: "ENTRY_BACKUP_FILE",
        message: /ENOSPC/,
      });
      assert.deepEqual(readdirSync(inside), []);
    } finally {
      keeper.kill("SIGKILL");
      await gone;
    }
    await backup(database, somewhere(), when);
  },
);

test("whatever is cut off or changed in a backup is found, and nothing of it is kept", async () => {
  await using database = await filled();
  const path = somewhere();
  await backup(database, path, when);
  const whole = readFileSync(path);
  const known = await readMigrations();
  await using other = await empty();
  const broken = async (octets: Uint8Array, what: string) => {
    const bad = somewhere();
    writeFileSync(bad, octets);
    const outcome = await restore(other, bad, known).catch((error: { code?: string }) => error.code);
    assert.ok(
      ["ENTRY_BACKUP_DAMAGED", "ENTRY_BACKUP_NEWER"].includes(String(outcome)),
      `${what}: ${JSON.stringify(outcome)}`,
    );
  };
  await broken(new Uint8Array(), "nothing");
  await broken(Buffer.concat([whole, Buffer.from("more\n")]), "more");
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        await broken(whole.subarray(0, at), `cut at ${at}`);
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ by;
        await broken(changed, `changed at ${at} by ${by}`);
      },
    ),
    { numRuns: 10 },
  );
  await restore(other, path, known);
});
