/** Transactions whose statements do not wait for each other's answers: what is kept of them, and what is told of those that fail. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DatabaseLimits } from "@ropewalk/entry/io/database-limits";
import { Pipeline, type Statements } from "@ropewalk/entry/io/pipeline";
import { CompiledQuery, type PostgresPoolClient, sql } from "kysely";
import { until } from "./condition.ts";
import { counterDatabase } from "./counter-database.ts";
import { serverInPlace } from "./server-place.ts";

let running: Awaited<ReturnType<typeof serverInPlace>>;
before(async () => {
  running = await serverInPlace();
});
after(() => running?.[Symbol.asyncDispose]());

const counted = (limits?: Partial<DatabaseLimits>) => counterDatabase(running.server, limits);

const query = <Row>(text: string, values: readonly unknown[] = []) =>
  CompiledQuery.raw(text, [...values]) as CompiledQuery<Row>;
const raise = query("/* raise_counter */ update counters set count = count + 1 where name = any($1::text[])", [["a"]]);
const readText = "/* read_counter */ select count from counters where name = any($1::text[])";
async function countOf(asked: Statements): Promise<number | undefined> {
  const { rows } = await asked.executeQuery(query<{ readonly count: number }>(readText, [["a"]]));
  return rows[0]?.count;
}
async function backendOf(asked: Statements): Promise<number> {
  const { rows } = await asked.executeQuery(query<{ readonly pid: number }>("select pg_backend_pid() as pid"));
  return rows[0]?.pid ?? 0;
}

test("statements are done in the order in which they are sent, and what nobody waited for is there behind the commit", async () => {
  await using database = await counted();
  const seen = await database.pipelined(async (pipeline) => {
    const first = await countOf(pipeline);
    pipeline.change(raise);
    const second = countOf(pipeline);
    pipeline.change(raise);
    const third = countOf(pipeline);
    pipeline.change(raise);
    return [first, await second, await third];
  });
  assert.deepEqual(seen, [0, 1, 2]);
  assert.equal(await countOf(database.kysely), 3);
});

test("what waits for a lock holds up what is sent behind it, which sees what was done meanwhile", async () => {
  await using database = await counted();
  const lock = query("select from counters where name = 'a' for update");
  let waiting: Promise<number | undefined> | undefined;
  await database.pipelined(async (holder) => {
    await holder.executeQuery(lock);
    let pid = 0;
    waiting = database.pipelined(async (pipeline) => {
      pid = await backendOf(pipeline);
      const [, count] = await Promise.all([pipeline.executeQuery(lock), countOf(pipeline)]);
      return count;
    });
    await until("the other waits", async () => {
      const asked = sql<{
        readonly waits: string;
      }>`select wait_event_type as waits from pg_stat_activity where pid = ${pid}`;
      return (await asked.execute(database.kysely)).rows[0]?.waits === "Lock";
    });
    holder.change(raise);
  });
  assert.equal(await waiting, 1);
});

test("a change that fails and is not waited for leaves nothing of its transaction, and its connection goes on", async () => {
  await using database = await counted({ connections: 1 });
  const failing = database.pipelined(async (pipeline) => {
    const pid = await backendOf(pipeline);
    pipeline.change(raise);
    pipeline.change(query("insert into counters values ('a', 1)"));
    pipeline.change(raise);
    return pid;
  });
  await assert.rejects(failing, { code: "ENTRY_DATABASE_CONFLICT", constraint: "counters_one_per_name" });
  assert.equal(await countOf(database.kysely), 0);
});

test("a transaction whose work fails leaves nothing, and its connection goes on", async () => {
  await using database = await counted({ connections: 1 });
  const failing = database.pipelined(async (pipeline) => {
    await countOf(pipeline);
    pipeline.change(raise);
    throw new Error("no more");
  });
  await assert.rejects(failing, { message: "no more" });
  assert.equal(await countOf(database.kysely), 0);
});

test("who loses the database while a change is done with the commit behind it is told that nobody knows", async () => {
  await using database = await counted();
  let pid = 0;
  const lost = database.pipelined(async (pipeline) => {
    pid = await backendOf(pipeline);
    pipeline.change(raise);
    pipeline.change(query("select pg_sleep(20)"));
  });
  const told = assert.rejects(lost, { code: "ENTRY_DATABASE_UNSURE" });
  await until("it is under way", async () => {
    const asked = sql<{ readonly query: string }>`select query from pg_stat_activity where pid = ${pid}`;
    return (await asked.execute(database.kysely)).rows[0]?.query === "select pg_sleep(20)";
  });
  await sql`select pg_terminate_backend(${pid})`.execute(database.kysely);
  await told;
  assert.equal(await countOf(database.kysely), 0);
});

/** A connection that answers everything but what is named. */
function answersAllBut(refused: string, asked: string[]): PostgresPoolClient {
  const query = async (text: string) => {
    asked.push(text);
    if (text.startsWith(refused)) throw new Error(`${refused} is refused`);
    return { command: "SELECT", rowCount: 0, rows: [] };
  };
  return { query: query as unknown as PostgresPoolClient["query"], release: () => {} };
}

test("where a transaction does not begin nothing is changed outside of it", async () => {
  const asked: string[] = [];
  const run = Pipeline.run(answersAllBut("start transaction", asked), async (pipeline) => {
    await pipeline.executeQuery(query("select 1"));
    pipeline.change(raise);
  });
  await assert.rejects(run, { message: "start transaction is refused" });
  assert.deepEqual(asked.slice(1), ["select 1", "rollback"]);
});

test("a change that is sent before anything was answered is a mistake", async () => {
  const asked: string[] = [];
  const run = Pipeline.run(answersAllBut("nothing", asked), async (pipeline) => pipeline.change(raise));
  await assert.rejects(run, { name: "InternalError" });
  assert.deepEqual(asked.slice(1), ["rollback"]);
});

test("what is prepared is planned once, whatever values come", async () => {
  await using database = await counted({ connections: 1 });
  for (let names: string[] = []; names.length < 8; names = [...names, `${names.length}`])
    await database.pipelined((pipeline) => pipeline.executeQuery(query(readText, [names])));
  const plans =
    await sql`select generic_plans::integer as once, custom_plans::integer as anew from pg_prepared_statements
    where name = 'read_counter'`.execute(database.kysely);
  assert.deepEqual(plans.rows, [{ once: 8, anew: 0 }]);
});
