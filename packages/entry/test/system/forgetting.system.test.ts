/** What is kept for a time, and what waits for others before it is free: audit, and the keys of removed devices. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { forgetAudit } from "@ropewalk/entry/io/audit";
import { Devices } from "@ropewalk/entry/io/devices";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import { seconds } from "@ropewalk/kernel/units";
import { addPlaced } from "./rows.ts";
import { freshDatabase, serverInPlace } from "./server-place.ts";

let running: Awaited<ReturnType<typeof serverInPlace>>;
before(async () => {
  running = await serverInPlace();
});
after(() => running?.[Symbol.asyncDispose]());

async function migrated() {
  const { database } = await freshDatabase(running.server);
  await migrate(database, await readMigrations());
  return database;
}

const day = 86_400;

test("of the audit goes what is older than it is kept, the oldest first and no more at a time than was said", async () => {
  await using database = await migrated();
  const row = (daysAgo: number) => ({
    ...{ actor_kind: "admin" as const, actor: "ada", action: "customer.create", subject: `${daysAgo} days ago` },
    at: new Date(Date.now() - daysAgo * day * 1_000),
  });
  await database.kysely.insertInto("audit").values([500, 402, 401, 399, 1].map(row)).execute();
  const left = async () =>
    (await database.kysely.selectFrom("audit").select("subject").orderBy("id").execute()).map(({ subject }) => subject);
  assert.equal(await forgetAudit(database, seconds(400 * day), 2), 2);
  assert.deepEqual(await left(), ["401 days ago", "399 days ago", "1 days ago"]);
  assert.equal(await forgetAudit(database, seconds(400 * day), 2), 1);
  assert.equal(await forgetAudit(database, seconds(400 * day), 2), 0);
  assert.deepEqual(await left(), ["399 days ago", "1 days ago"]);
});

test("the key of a removed device is free when its session is over and no node may have it", async () => {
  await using database = await migrated();
  const { kysely } = database;
  const { device, session, placement } = await addPlaced(kysely);
  const devices = new Devices(database);
  const state = async () =>
    (await kysely.selectFrom("devices").select("state").where("id", "=", device).executeTakeFirstOrThrow()).state;
  assert.equal(await devices.free(10), 0);
  await kysely.updateTable("devices").set({ state: "removed" }).where("id", "=", device).execute();
  assert.equal(await devices.free(10), 0);
  const over = { state: "terminated", ended_at: new Date() } as const;
  await kysely.updateTable("placements").set({ role: "orphaned" }).where("id", "=", placement).execute();
  await kysely.updateTable("sessions").set(over).where("id", "=", session).execute();
  assert.equal(await devices.free(10), 0);
  assert.equal(await state(), "removed");
  await kysely.updateTable("placements").set({ role: "released" }).where("id", "=", placement).execute();
  assert.equal(await devices.free(10), 1);
  assert.equal(await state(), "freed");
});
