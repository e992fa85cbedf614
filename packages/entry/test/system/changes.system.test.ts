/** Changes are done once for each key, on a real database: repeated, at once, with another request, and after whoever did them has died. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import type { SessionRequest } from "@ropewalk/entry/vpn-control";
import { sql } from "kysely";
import { adminKey, assertProblem, type HttpPlace, httpPlace, newKey, newPublicKey } from "../http/http-place.ts";
import { until } from "./condition.ts";
import { serverInPlace } from "./server-place.ts";

let server: Awaited<ReturnType<typeof serverInPlace>>;
let place: HttpPlace;

before(async () => {
  server = await serverInPlace();
  place = await httpPlace(server.server);
  await place.ask("POST", "/v1/admin/nodes", { as: adminKey, json: { name: "vie-1", roles: ["vpn"], region: "eu" } });
});
after(async () => {
  await place?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const customers = (ask: HttpPlace["ask"], key: string) => ask("POST", "/v1/admin/customers", { as: adminKey, key });

async function deviceOf(token: string): Promise<string> {
  const json = { name: "phone", publicKey: newPublicKey() };
  return (await place.ask("POST", "/v1/devices", { as: token, json })).body.id;
}

test("who asks again with the same key gets the same answer, and it is done once", async () => {
  const key = newKey();
  const first = await customers(place.ask, key);
  const again = await customers(place.ask, key);
  assert.deepEqual([again.status, again.body], [first.status, first.body]);
  assert.equal(first.headers.get("idempotency-replayed"), null);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
});

test("a refusal is kept as an answer too", async () => {
  const { token: as } = await place.customer();
  const [key, json] = [newKey(), { deviceId: "0190b0c0-0000-7000-8000-000000000000", region: "nowhere" }];
  assertProblem(await place.ask("POST", "/v1/sessions/start", { as, key, json }), "no-node");
  const again = await place.ask("POST", "/v1/sessions/start", { as, key, json });
  assertProblem(again, "no-node");
  assert.equal(again.headers.get("idempotency-replayed"), "true");
});

test("a key is of one request: not of another body, path or caller", async () => {
  const [one, other, key] = [await place.customer(), await place.customer(), newKey()];
  const json = { name: "a", publicKey: newPublicKey() };
  await place.ask("POST", "/v1/devices", { as: one.token, key, json });
  const changed = { as: one.token, key, json: { ...json, name: "b" } };
  assertProblem(await place.ask("POST", "/v1/devices", changed), "key-of-another");
  assertProblem(await place.ask("POST", "/v1/devices", { as: other.token, key, json }), "key-of-another");
  assertProblem(await customers(place.ask, key), "key-of-another");
});

test("of many at once with one key one is done, and the others are told that it is under way or what came of it", async () => {
  const key = newKey();
  const asked = await Promise.all(Array.from({ length: 30 }, () => customers(place.ask, key)));
  const done = asked.filter(({ status }) => status === 201);
  assert.equal(new Set(done.map(({ body }) => body.id)).size, 1);
  for (const each of asked.filter(({ status }) => status !== 201)) {
    assertProblem(each, "under-way");
    assert.ok(Number(each.headers.get("retry-after")) >= 1);
  }
  assert.equal((await customers(place.ask, key)).body.id, done[0]?.body.id);
});

test("neither key nor answer can be read in the database", async () => {
  const { token: as } = await place.customer();
  const key = newKey();
  const json = { deviceId: await deviceOf(as) };
  const { body } = await place.ask("POST", "/v1/sessions/start", { as, key, json });
  const { rows } = await sql<{ text: string }>`select k::text as text from idempotency_keys k`.execute(
    place.database.kysely,
  );
  const all = rows.map(({ text }) => text).join("\n");
  for (const secret of [key, body.reconnectKey, body.session.id]) {
    for (const form of ["utf8", "hex"] as const) assert.ok(!all.includes(Buffer.from(secret).toString(form)), secret);
  }
});

test("a start that is asked again after its answer was lost leads to the same session and reconnect key", async () => {
  const { token: as } = await place.customer();
  const [key, json] = [newKey(), { deviceId: await deviceOf(as) }];
  const first = await place.ask("POST", "/v1/sessions/start", { as, key, json });
  await sql`update idempotency_keys set status = null, sealed_answer = null, claimed_by = gen_random_uuid(),
    claimed_until = now() where status = 201`.execute(place.database.kysely);
  const again = await place.ask("POST", "/v1/sessions/start", { as, key, json });
  assert.equal(again.headers.get("idempotency-replayed"), null);
  assert.deepEqual(again.body, first.body);
  const hashes = place.control.starts.slice(-2).map(({ reconnectHash }: SessionRequest) => reconnectHash.toHex());
  assert.equal(hashes[0], hashes[1]);
});

test("devices, customers and nodes that are asked for again after the answer was lost are not made twice", async () => {
  const { token: as } = await place.customer();
  const [keys, json] = [[newKey(), newKey(), newKey()] as const, { name: "x", publicKey: newPublicKey() }];
  const node = { name: "vie-2", roles: ["vpn"], region: "eu" };
  const askAll = () =>
    Promise.all([
      place.ask("POST", "/v1/devices", { as, key: keys[0], json }),
      customers(place.ask, keys[1]),
      place.ask("POST", "/v1/admin/nodes", { as: adminKey, key: keys[2], json: node }),
    ]);
  const first = await askAll();
  await sql`update idempotency_keys set status = null, sealed_answer = null, claimed_by = gen_random_uuid(),
    claimed_until = now()`.execute(place.database.kysely);
  const again = await askAll();
  assert.deepEqual(
    again.map(({ status, body }) => [status, body]),
    first.map(({ status, body }) => [status, body]),
  );
});

test("what was begun by one who was killed is under way until his time is over, and done by who asks then", async () => {
  const { token: as } = await place.customer();
  const [key, json] = [newKey(), { deviceId: await deviceOf(as) }];
  const settings = JSON.stringify(server.server.settings);
  const main = new URL("../http/claiming-main.ts", import.meta.url).pathname;
  const database = (await sql<{ name: string }>`select current_database() as name`.execute(place.database.kysely))
    .rows[0];
  const child = spawn(
    process.execPath,
    [...process.execArgv, main, settings, database?.name ?? "", key, as, json.deviceId],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  try {
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
  } finally {
    child.kill("SIGKILL");
  }
  assertProblem(await place.ask("POST", "/v1/sessions/start", { as, key, json }), "under-way");
  await until(
    "the claim is over",
    async () => (await place.ask("POST", "/v1/sessions/start", { as, key, json })).status === 201,
  );
});

test("an answer is not written by one whose claim was taken over", async () => {
  await using slow = await httpPlace(server.server, { claimForMs: 0, database: place.database });
  const { token } = await slow.customer();
  const device = await slow.ask("POST", "/v1/devices", { as: token, json: { name: "x", publicKey: newPublicKey() } });
  await slow.ask("POST", "/v1/admin/nodes", { as: adminKey, json: { name: "vie-3", roles: ["vpn"], region: "eu" } });
  const { promise, resolve } = Promise.withResolvers<void>();
  slow.control.gate = promise;
  const [key, json] = [newKey(), { deviceId: device.body.id }];
  const asked = [1, 2].map(() => slow.ask("POST", "/v1/sessions/start", { as: token, key, json }));
  await until("both do it", () => slow.control.starts.length === 2);
  resolve();
  const [one, other] = await Promise.all(asked);
  assert.deepEqual(one?.body, other?.body);
  assert.equal((await slow.ask("POST", "/v1/sessions/start", { as: token, key, json })).status, 201);
  assert.equal(slow.control.starts.length, 2);
});

test("while the database is away a change is refused as not done, and done when it is back", {
  timeout: 60_000,
}, async () => {
  await using own = await serverInPlace();
  await using alone = await httpPlace(own.server);
  const key = newKey();
  const { pid } = own.server;
  assert.ok(pid !== undefined);
  process.kill(pid, "SIGKILL");
  const refused = await customers(alone.ask, key);
  if (refused.status !== 201) assert.ok(["unavailable", "unsure"].includes(refused.body.code), refused.body.code);
  await until("the database is back", async () => (await customers(alone.ask, key)).status === 201);
  assert.deepEqual(alone.defects, []);
});

test("a claim does not wait for the disk, and its answer does", async () => {
  const { kysely } = place.database;
  await sql`create table commits (kind text, waits text)`.execute(kysely);
  await sql`create function note_commit() returns trigger language plpgsql as $$ begin
    insert into commits values (tg_op, current_setting('synchronous_commit')); return new; end $$`.execute(kysely);
  await sql`create trigger notes after insert or update on idempotency_keys for each statement execute function note_commit()`.execute(
    kysely,
  );
  try {
    await customers(place.ask, newKey());
    const { rows } = await sql<{
      kind: string;
      waits: string;
    }>`select distinct kind, waits from commits order by kind, waits`.execute(kysely);
    // An insertion that may meet its row is an update, too.
    assert.deepEqual(rows, [
      { kind: "INSERT", waits: "off" },
      { kind: "UPDATE", waits: "off" },
      { kind: "UPDATE", waits: "on" },
    ]);
  } finally {
    await sql`drop trigger notes on idempotency_keys`.execute(kysely);
  }
});
