/** What the tables refuse, by which name, and also from two connections at once. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import type { Database } from "@ropewalk/entry/io/database";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import { sql } from "kysely";
import { addCustomer, addDevice, addExit, addNode, addPlaced, addPlacement, addSession, type Placed } from "./rows.ts";
import { freshDatabase, serverInPlace } from "./server-place.ts";

let running: Awaited<ReturnType<typeof serverInPlace>>;
let database: Database;
before(async () => {
  running = await serverInPlace();
  database = (await freshDatabase(running.server)).database;
  await migrate(database, await readMigrations());
});
after(async () => {
  await database?.[Symbol.asyncDispose]();
  await running?.[Symbol.asyncDispose]();
});

const refuses = (work: Promise<unknown>, constraint: string) =>
  assert.rejects(work, { code: "ENTRY_DATABASE_CONFLICT", constraint });

const into = () => database.kysely;

/** Several do the same at once, each on a connection of its own; how often it was done, and who refused the others. */
async function atOnce(times: number, work: (time: number) => Promise<unknown>) {
  const outcomes = await Promise.allSettled(Array.from({ length: times }, (_, time) => work(time)));
  const refused = outcomes.filter((one) => one.status === "rejected").map(({ reason }) => String(reason.constraint));
  return { done: times - refused.length, by: [...new Set(refused)] };
}

test("a customer has one live session, whatever its state and however many ask at once", async () => {
  const customer = await addCustomer(into());
  const device = await addDevice(into(), customer);
  const begin = () => database.transaction((tables) => addSession(tables, customer, device, { state: "requested" }));
  assert.deepEqual(await atOnce(12, begin), { done: 1, by: ["sessions_one_live_per_customer"] });
  for (const state of ["provisioning", "active", "terminating"] as const) {
    await into().updateTable("sessions").set({ state }).where("customer", "=", customer).execute();
    await refuses(begin(), "sessions_one_live_per_customer");
  }
  const over = { state: "terminated", ended_at: new Date() } as const;
  await into().updateTable("sessions").set(over).where("customer", "=", customer).execute();
  await begin();
  const back = into()
    .updateTable("sessions")
    .set({ state: "active", ended_at: null })
    .where("state", "=", "terminated");
  await refuses(back.where("customer", "=", customer).execute(), "sessions_one_live_per_customer");
});

test("an address of a node has one owner, and is another's when its placement is released", async () => {
  const node = await addNode(into());
  const placed = await Promise.all(Array.from({ length: 6 }, () => addPlaced(into(), node)));
  const take = (placement: string) =>
    database.transaction((tables) =>
      tables.insertInto("addresses").values({ node, address: "10.90.0.2", placement }).execute(),
    );
  assert.deepEqual(await atOnce(6, (time) => take(placed[time]?.placement ?? "")), {
    done: 1,
    by: ["addresses_one_owner"],
  });
  const owner = await into()
    .selectFrom("addresses")
    .select("placement")
    .where("node", "=", node)
    .executeTakeFirstOrThrow();
  const release = { role: "released" } as const;
  const keeping = into().updateTable("placements").set(release).where("id", "=", owner.placement).execute();
  await refuses(keeping, "addresses_of_held_placement");
  await database.transaction(async (tables) => {
    await tables.updateTable("placements").set(release).where("id", "=", owner.placement).execute();
    await tables.deleteFrom("addresses").where("placement", "=", owner.placement).execute();
  });
  await refuses(take(owner.placement ?? ""), "addresses_of_held_placement");
  await take(placed.find(({ placement }) => placement !== owner.placement)?.placement ?? "");
});

test("the same address of two nodes is two, and one written otherwise is the same", async () => {
  const [one, other] = [await addPlaced(into()), await addPlaced(into())];
  const take = ({ node, placement }: Placed & { readonly placement: string }, address: string) =>
    into().insertInto("addresses").values({ node, address, placement }).execute();
  await take(one, "2001:db8::0:2");
  await take(other, "2001:db8::2");
  await refuses(take(await addPlaced(into(), one.node), "2001:0db8::2"), "addresses_one_owner");
  await refuses(take(one, "2001:db8::3"), "addresses_one_of_each_family");
  await refuses(take(one, "10.90.0.0/24"), "addresses_are_single");
  await refuses(take({ ...one, node: other.node }, "10.90.0.9"), "addresses_of_held_placement");
});

test("a public key has one owner until no node has it any more", async () => {
  const public_key = randomBytes(32);
  const owners = await Promise.all(Array.from({ length: 8 }, () => addCustomer(into())));
  const register = (customer: string) => database.transaction((tables) => addDevice(tables, customer, { public_key }));
  assert.deepEqual(await atOnce(8, (time) => register(owners[time] ?? "")), {
    done: 1,
    by: ["devices_one_owner_per_key"],
  });
  const { id, customer } = await into()
    .selectFrom("devices")
    .select(["id", "customer"])
    .where("public_key", "=", public_key)
    .executeTakeFirstOrThrow();
  const session = await addSession(into(), customer, id);
  const placement = await addPlacement(into(), { session, device: id, node: await addNode(into()) });
  const put = (state: "removed" | "freed") =>
    into().updateTable("devices").set({ state }).where("id", "=", id).execute();
  await put("removed");
  await refuses(register(owners.find((one) => one !== customer) ?? ""), "devices_one_owner_per_key");
  for (const role of ["current", "draining", "orphaned"] as const) {
    await into().updateTable("placements").set({ role }).where("id", "=", placement).execute();
    await refuses(put("freed"), "placements_keep_their_key");
  }
  await into().updateTable("placements").set({ role: "released" }).where("id", "=", placement).execute();
  await put("freed");
  await register(owners.find((one) => one !== customer) ?? "");
});

for (const role of ["coming", "current", "draining"] as const) {
  test(`a session has one ${role} placement at most, also when two are made at once`, async () => {
    const placed = await addPlaced(into());
    await into().updateTable("placements").set({ role: "orphaned" }).where("id", "=", placed.placement).execute();
    const nodes = await Promise.all(Array.from({ length: 5 }, () => addNode(into())));
    const place = (time: number) =>
      database.transaction((tables) => addPlacement(tables, { ...placed, node: nodes[time] ?? "" }, { role }));
    assert.deepEqual(await atOnce(5, place), { done: 1, by: [`placements_one_${role}`] });
  });
}

test("a session has as many orphaned and released placements as come about", async () => {
  const placed = await addPlaced(into());
  for (const role of ["orphaned", "orphaned", "released", "released"] as const)
    await addPlacement(into(), { ...placed, node: await addNode(into()) }, { role });
});

test("a move makes the new placement before it breaks the old one, in one transaction", async () => {
  const placed = await addPlaced(into());
  const coming = await addPlacement(into(), { ...placed, node: await addNode(into()) }, { role: "coming" });
  await database.transaction(async (tables) => {
    await tables.updateTable("placements").set({ role: "draining" }).where("id", "=", placed.placement).execute();
    await tables.updateTable("placements").set({ role: "current" }).where("id", "=", coming).execute();
  });
});

test("a node has a key once: nothing of the same device comes to it before the first is released", async () => {
  const placed = await addPlaced(into());
  for (const role of ["current", "draining", "orphaned"] as const) {
    await into().updateTable("placements").set({ role }).where("id", "=", placed.placement).execute();
    await refuses(addPlacement(into(), placed, { role: "coming" }), "placements_one_per_key");
  }
});

test("no two placements of a node have the same generation, and no two orders to it", async () => {
  const node = await addNode(into());
  const placed = await Promise.all(Array.from({ length: 4 }, () => addPlaced(into(), node)));
  const generation = 1_000_000;
  const number = (time: number) =>
    into()
      .updateTable("placements")
      .set({ generation })
      .where("id", "=", placed[time]?.placement ?? "")
      .execute();
  assert.deepEqual(await atOnce(4, number), { done: 1, by: ["placements_one_per_generation"] });
  const order = (time: number) =>
    into()
      .insertInto("outbox")
      .values({ node, placement: placed[time]?.placement ?? "", kind: "remove", generation })
      .execute();
  assert.deepEqual(await atOnce(4, order), { done: 1, by: ["outbox_one_per_generation"] });
});

test("a node's counter gives each of those who draw at once a number of its own", async () => {
  const node = await addNode(into());
  const draw = () =>
    database.transaction((tables) =>
      tables
        .updateTable("nodes")
        .set({ generation: sql`generation + 1` })
        .where("id", "=", node)
        .returning("generation")
        .executeTakeFirstOrThrow(),
    );
  const drawn = await Promise.all(Array.from({ length: 20 }, draw));
  assert.deepEqual(
    drawn.map(({ generation }) => Number(generation)).toSorted((a, b) => a - b),
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
});

test("a session that is over has no place that is its own", async () => {
  const placed = await addPlaced(into());
  const over = { state: "failed", ended_at: new Date() } as const;
  const end = () => into().updateTable("sessions").set(over).where("id", "=", placed.session).execute();
  await refuses(end(), "placements_of_live_session");
  await into().updateTable("placements").set({ role: "draining" }).where("id", "=", placed.placement).execute();
  await end();
  await refuses(
    addPlacement(into(), { ...placed, node: await addNode(into()) }, { role: "coming" }),
    "placements_of_live_session",
  );
});

test("what ends and what begins at once cannot leave a session that is over with a place", async () => {
  const placed = await addPlaced(into());
  await into().updateTable("placements").set({ role: "orphaned" }).where("id", "=", placed.placement).execute();
  const node = await addNode(into());
  const end = () =>
    database.transaction((tables) =>
      tables
        .updateTable("sessions")
        .set({ state: "failed", ended_at: new Date() })
        .where("id", "=", placed.session)
        .execute(),
    );
  const place = () => database.transaction((tables) => addPlacement(tables, { ...placed, node }, { role: "coming" }));
  const { done, by } = await atOnce(2, (time) => (time === 0 ? end() : place()));
  assert.deepEqual({ done, by }, { done: 1, by: ["placements_of_live_session"] });
});

test("a session's device is its customer's, and a placement's its session's", async () => {
  const [one, other] = [await addPlaced(into()), await addPlaced(into())];
  const customer = await addCustomer(into());
  await refuses(addSession(into(), customer, one.device), "sessions_device_of_customer");
  const wrong = { ...one, device: other.device, node: await addNode(into()) };
  await refuses(addPlacement(into(), wrong, { role: "coming" }), "placements_device_of_session");
});

test("a reconnect key is one session's, and the former one too", async () => {
  const [one, other] = [await addPlaced(into()), await addPlaced(into())];
  const hash = randomBytes(32);
  const set = (session: string, given: { reconnect_hash?: Uint8Array; former_reconnect_hash?: Uint8Array }) =>
    into().updateTable("sessions").set(given).where("id", "=", session).execute();
  await set(one.session, { reconnect_hash: hash });
  await refuses(set(other.session, { reconnect_hash: hash }), "sessions_one_per_reconnect_key");
  await set(one.session, { former_reconnect_hash: hash });
  await refuses(set(other.session, { former_reconnect_hash: hash }), "sessions_one_per_former_reconnect_key");
});

test("an idempotency key is used once, however many come with it at once", async () => {
  const key = { key_hash: randomBytes(32), request_hash: randomBytes(32), expires_at: new Date("2100-01-01") };
  const use = () => database.transaction((tables) => tables.insertInto("idempotency_keys").values(key).execute());
  assert.deepEqual(await atOnce(8, use), { done: 1, by: ["idempotency_keys_pkey"] });
});

const order =
  (kind: "place" | "remove", deadline: { readonly until_boot?: string; readonly until_millis?: number }) =>
  async () => {
    const { node, placement } = await addPlaced(into());
    await into()
      .insertInto("outbox")
      .values({ node, placement, kind, generation: 1, ...deadline })
      .execute();
  };

const zeros = new Uint8Array(32);
const bad: readonly (readonly [string, string, () => Promise<unknown>])[] = [
  [
    "a key of zeros",
    "devices_key_is_one",
    async () => addDevice(into(), await addCustomer(into()), { public_key: zeros }),
  ],
  [
    "a key that is too short",
    "devices_key_is_one",
    async () => addDevice(into(), await addCustomer(into()), { public_key: zeros.subarray(1) }),
  ],
  ["a node's name that is none", "nodes_name_is_a_label", () => addNode(into(), { name: "-" })],
  ["half a heartbeat", "nodes_heartbeat_is_whole", () => addNode(into(), { boot: "b" })],
  ["a node without a role", "nodes_roles_are_few", () => addNode(into(), { roles: [] })],
  [
    "an exit without addresses",
    "exits_have_addresses",
    async () => addExit(into(), await addNode(into()), { addresses_v4: null }),
  ],
  [
    "IPv6 where IPv4 belongs",
    "exits_addresses_v4_are",
    async () => addExit(into(), await addNode(into()), { addresses_v4: "2001:db8::/64" }),
  ],
  [
    "a country that is no code",
    "exits_country_is_a_code",
    async () => addExit(into(), await addNode(into()), { country: "Sweden" }),
  ],
  [
    "a negative capacity",
    "exits_capacity_counts",
    async () => addExit(into(), await addNode(into()), { capacity: -1 }),
  ],
  [
    "an end without a date",
    "sessions_end_is_dated",
    async () => {
      const c = await addCustomer(into());
      return addSession(into(), c, await addDevice(into(), c), { state: "terminated" });
    },
  ],
  ["an order to place without a deadline", "outbox_deadline_is_of_a_place", order("place", { until_boot: "b" })],
  [
    "an order to remove with one",
    "outbox_deadline_is_of_a_place",
    order("remove", { until_boot: "b", until_millis: 1 }),
  ],
  [
    "an action that is no name",
    "audit_action_is_a_name",
    () => into().insertInto("audit").values({ actor_kind: "admin", actor: "a", action: "Drop it" }).execute(),
  ],
];
for (const [what, constraint, work] of bad) test(`${what} is refused by name`, () => refuses(work(), constraint));
