/** How the database is asked: what its failures are told as, who waits for how long, and what is tried again. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Database } from "@ropewalk/entry/io/database";
import type { DatabaseLimits } from "@ropewalk/entry/io/database-limits";
import { millis } from "@ropewalk/kernel/units";
import { sql } from "kysely";
import { until } from "./condition.ts";
import { counterDatabase } from "./counter-database.ts";
import { serverInPlace } from "./server-place.ts";

let running: Awaited<ReturnType<typeof serverInPlace>>;
before(async () => {
  running = await serverInPlace();
});
after(() => running?.[Symbol.asyncDispose]());

const counted = (limits?: Partial<DatabaseLimits>) => counterDatabase(running.server, limits);

const raise = sql`update counters set count = count + 1`;
const countOf = async (database: Database) =>
  (await sql<{ readonly count: number }>`select count from counters`.execute(database.kysely)).rows[0]?.count;

test("what a constraint refuses is told by the constraint's name, and without what is in the row", async () => {
  await using database = await counted();
  const again = sql`insert into counters values ('a', 1)`.execute(database.kysely);
  await assert.rejects(again, (error: Error & { code?: string; constraint?: string }) => {
    assert.deepEqual([error.code, error.constraint], ["ENTRY_DATABASE_CONFLICT", "counters_one_per_name"]);
    assert.doesNotMatch(JSON.stringify(error) + error.message, /\(a\)/);
    return true;
  });
});

test("a transaction that fails leaves nothing, and its connection goes on", async () => {
  await using database = await counted({ connections: 1 });
  const failing = database.transaction(async (tables) => {
    await raise.execute(tables);
    throw new Error("no more");
  });
  await assert.rejects(failing, { message: "no more" });
  assert.equal(await countOf(database), 0);
});

test("who hides a statement's failure from its transaction is told that nothing was kept", async () => {
  await using database = await counted();
  const hiding = database.transaction(async (tables) => {
    await raise.execute(tables);
    await sql`select 1 / 0`.execute(tables).catch(() => {});
  });
  await assert.rejects(hiding, { name: /./ });
  assert.equal(await countOf(database), 0);
});

test("transactions that get in each other's way are tried again until each has been done once", async () => {
  await using database = await counted({ attempts: 50 });
  const step = () =>
    database.transaction(async (tables) => {
      const { rows } = await sql<{ readonly count: number }>`select count from counters`.execute(tables);
      await sql`update counters set count = ${(rows[0]?.count ?? 0) + 1}`.execute(tables);
    }, "serializable");
  await Promise.all(Array.from({ length: 12 }, step));
  assert.equal(await countOf(database), 12);
});

test("who is always in another's way is told so after the attempts that he has", async () => {
  await using database = await counted({ attempts: 3 });
  let tries = 0;
  const crossed = database.transaction(async (tables) => {
    tries += 1;
    await sql`select count from counters`.execute(tables);
    await raise.execute(database.kysely);
    await raise.execute(tables);
  }, "serializable");
  await assert.rejects(crossed, { code: "ENTRY_DATABASE_CONTENDED" });
  assert.equal(tries, 3);
});

test("a lock and a statement are waited for as long as the limits say", async () => {
  await using database = await counted({ lock: millis(100), statement: millis(400) });
  await database.transaction(async (tables) => {
    await raise.execute(tables);
    await assert.rejects(raise.execute(database.kysely), { code: "ENTRY_DATABASE_BUSY", message: /lock timeout/ });
  });
  await assert.rejects(sql`select pg_sleep(20)`.execute(database.kysely), { code: "ENTRY_DATABASE_BUSY" });
  assert.equal(await countOf(database), 1);
});

test("a connection is waited for so long, and by so many, and no more", async () => {
  await using database = await counted({ connections: 1, waiting: 2, connect: millis(150) });
  await database.transaction(async () => {
    const waiting = [countOf(database), countOf(database)].map((one) =>
      assert.rejects(one, { code: "ENTRY_DATABASE_BUSY", message: /timeout exceeded/ }),
    );
    // Kysely asks for its connection a moment later.
    await Promise.resolve();
    await assert.rejects(countOf(database), {
      code: "ENTRY_DATABASE_BUSY",
      message: /2 wait for the database already/,
    });
    await Promise.all(waiting);
  });
  assert.equal(await countOf(database), 0);
});

/** The server's process for this connection. */
async function backend(database: Database): Promise<number> {
  const { rows } = await sql<{ readonly pid: number }>`select pg_backend_pid() as pid`.execute(database.kysely);
  return rows[0]?.pid ?? 0;
}

test("a server that has stopped is not waited for, and an answer that comes late is nobody's", async () => {
  await using database = await counted({ connections: 1, statement: millis(300), connect: millis(300) });
  const stopped = await backend(database);
  process.kill(stopped, "SIGSTOP");
  try {
    await assert.rejects(countOf(database), { code: "ENTRY_DATABASE_BUSY", message: /read timeout/ });
  } finally {
    process.kill(stopped, "SIGCONT");
  }
  assert.equal(await countOf(database), 0);
  assert.notEqual(await backend(database), stopped);
});

test("a connection that is ended in a transaction is told as down, and the next is another", async () => {
  await using database = await counted({ connections: 2 });
  const ended = database.transaction(async (tables) => {
    const { rows } = await sql<{ readonly pid: number }>`select pg_backend_pid() as pid`.execute(tables);
    await raise.execute(tables);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.kysely);
    await raise.execute(tables);
  });
  await assert.rejects(ended, { code: "ENTRY_DATABASE_DOWN" });
  assert.equal(await countOf(database), 0);
});

test("who loses the database while it commits is told that nobody knows whether it did", async () => {
  await using database = await counted();
  await sql`create function wait() returns trigger language plpgsql as 'begin perform pg_sleep(20); return new; end'`.execute(
    database.kysely,
  );
  await sql`create constraint trigger waits after update on counters deferrable initially deferred for each row execute function wait()`.execute(
    database.kysely,
  );
  let pid = 0;
  const lost = database.transaction(async (tables) => {
    const { rows } = await sql<{ readonly pid: number }>`select pg_backend_pid() as pid`.execute(tables);
    pid = rows[0]?.pid ?? 0;
    await raise.execute(tables);
  });
  const told = assert.rejects(lost, { code: "ENTRY_DATABASE_UNSURE", message: /same idempotency key/ });
  await until("it commits", async () => {
    const asked = sql<{
      readonly query: string;
    }>`select query from pg_stat_activity where pid = ${pid} and state = 'active'`;
    return (await asked.execute(database.kysely)).rows[0]?.query === "commit";
  });
  await sql`select pg_terminate_backend(${pid})`.execute(database.kysely);
  await told;
});

test("entry's database takes less than a hundred megabytes with all its connections open", async (t) => {
  await using database = await counted();
  await Promise.all(
    Array.from({ length: 16 }, () =>
      database.transaction((tables) => raise.execute(tables).then(() => backend(database).catch(() => 0))),
    ).map((one) => one.catch(() => {})),
  );
  const main = running.server.pid ?? 0;
  const all = [main, ...childrenOf(main)];
  const kilobytes = all.map(pssOf).reduce((sum, one) => sum + one, 0);
  t.diagnostic(`${all.length} processes, ${(kilobytes / 1024).toFixed(0)} MiB`);
  assert.ok(kilobytes < 100 * 1024);
});

function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        return readFileSync(`/proc/${one}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === `${pid}`;
      } catch {
        return false;
      }
    });
}

function pssOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

test("what is looked up by its keys is planned by their index, also while the table is small", async () => {
  await using database = await counted({ connections: 1 });
  await sql`insert into counters select 'b' || n, 0 from generate_series(1, 600) n`.execute(database.kysely);
  await sql`analyze counters`.execute(database.kysely);
  await sql`prepare asked(text[]) as update counters c set count = count + 1 from unnest($1) k(name) where c.name = k.name`.execute(
    database.kysely,
  );
  const { rows } = await sql<{ readonly "QUERY PLAN": string }>`explain execute asked('{}')`.execute(database.kysely);
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  assert.match(plan, /Index Scan using counters_one_per_name/);
  assert.doesNotMatch(plan, /Seq Scan/);
});
