/** Sessions from their request to their end, with a real database and exits that judge as the product's do. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { StartOutcome } from "@ropewalk/entry/vpn-control";
import { until } from "../../../../../packages/entry/test/system/condition.ts";
import { admin, ControlScene, type Customer, hashOf, type Replica, requestOf } from "./control-scene.ts";

let scene: ControlScene;
let replica: Replica;
before(async () => {
  scene = await ControlScene.open();
  replica = await scene.replica();
});
after(() => scene?.[Symbol.asyncDispose]());

const never = AbortSignal.timeout(60_000);

function activeOf(outcome: StartOutcome) {
  assert.equal(outcome.kind, "active", JSON.stringify(outcome));
  assert.ok(outcome.kind === "active");
  return outcome.session;
}

const keyOf = ({ publicKey }: Customer) => Buffer.from(publicKey).toString("base64");

test("a session is active when its node has the peer, and over when the node has not", async (t) => {
  const { exit, id } = await scene.exit(replica, "first", { region: "one" });
  const customer = await scene.customer();
  const began = performance.now();
  const session = activeOf(await replica.control.start(requestOf(customer, { wish: { region: "one" } })));
  t.diagnostic(`the first start took ${(performance.now() - began).toFixed(1)} ms`);
  assert.deepEqual(exit.peers(), [keyOf(customer)]);
  assert.deepEqual(session.place.addresses, ["10.90.0.2"]);
  assert.deepEqual(
    [session.place.node, session.place.nodeName, session.place.region, session.place.endpoint],
    [id, "first", "one", "first.example:51820"],
  );
  assert.deepEqual(await replica.control.current(customer.id), session);

  const ended = await replica.control.end(session.id, customer.id, admin, never);
  assert.ok(ended.kind === "terminated");
  assert.deepEqual([ended.session.state, ended.isConfirmed], ["terminated", true]);
  assert.deepEqual(exit.peers(), []);
  assert.deepEqual(await replica.control.end(session.id, customer.id, admin, never), ended);
  assert.equal(await replica.control.current(customer.id), undefined);
  const audit = await scene.database.kysely
    .selectFrom("audit")
    .select(["action", "actor_kind"])
    .where("subject", "=", session.id)
    .orderBy("id")
    .execute();
  assert.deepEqual(audit, [
    { action: "session.start", actor_kind: "customer" },
    { action: "session.end", actor_kind: "admin" },
  ]);
  assert.deepEqual(await scene.database.kysely.selectFrom("outbox").selectAll().execute(), []);
});

test("a hundred starts of one customer at once come to one session", async () => {
  const { exit } = await scene.exit(replica, "crowded", { region: "two" });
  const customer = await scene.customer();
  const other = await scene.replica();
  const wish = { region: "two" };
  const starts = Array.from({ length: 100 }, (_, index) =>
    (index % 2 === 0 ? replica : other).control.start(requestOf(customer, { wish })),
  );
  const outcomes = await Promise.all(starts);
  const kinds = Object.groupBy(outcomes, ({ kind }) => kind);
  assert.deepEqual([kinds.active?.length, kinds.conflict?.length], [1, 99]);
  assert.deepEqual(exit.peers(), [keyOf(customer)]);
  // Who asks again with the same key has sent the same request again.
  const [first] = outcomes.flatMap((outcome, index) => (outcome.kind === "active" ? [{ outcome, index }] : []));
  assert.ok(first?.outcome.kind === "active");
  await replica.control.end(first.outcome.session.id, undefined, admin, never);
  const request = requestOf(customer, { wish });
  const same = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? replica : other).control.start(request)),
  );
  assert.equal(new Set(same.map((outcome) => activeOf(outcome).id)).size, 1);
});

test("a device comes back by its key; a key holds until its successor is used, and who uses it behind that ends the session", async () => {
  const { exit } = await scene.exit(replica, "keys", { region: "keys" });
  const customer = await scene.customer();
  const [stranger] = await scene.customers(1);
  assert.ok(stranger !== undefined);
  const wish = { region: "keys" };
  const come = (next: string, former?: string, given: Partial<Parameters<typeof requestOf>[1]> = {}) =>
    replica.control.start(
      requestOf(customer, {
        ...{ wish, reconnectHash: hashOf(next), ...given },
        ...(former === undefined ? {} : { formerReconnectHash: hashOf(former) }),
      }),
    );
  const { id } = activeOf(await come("k1"));
  assert.equal(activeOf(await come("k1")).id, id);
  assert.equal((await come("k2")).kind, "conflict");
  assert.equal((await come("k2", "unknown")).kind, "conflict");
  // The answer with k2 was lost: the device has k1 alone, and comes back by that.
  assert.equal(activeOf(await come("k2", "k1")).id, id);
  assert.equal(activeOf(await come("k2", "k1")).id, id);
  assert.equal(activeOf(await come("k3", "k1")).id, id);
  assert.equal((await come("k4", "k2")).kind, "conflict");
  // Now k3 is used, and k1 is nobody's any more.
  assert.equal(activeOf(await come("k4", "k3")).id, id);
  assert.deepEqual(exit.peers(), [keyOf(customer)]);
  assert.equal((await come("k5", "k1")).kind, "reused-key");
  assert.deepEqual(exit.peers(), []);
  assert.equal(await replica.control.current(customer.id), undefined);
  // Another's key opens nothing.
  activeOf(await come("k6"));
  const others = requestOf(stranger, { wish, formerReconnectHash: hashOf("k6") });
  assert.notEqual(activeOf(await replica.control.start(others)).customer, customer.id);
});

test("who begins is not taken for the session that he had, when its end is asked for again just then", async () => {
  const customer = await scene.customer();
  const start = () => replica.control.start(requestOf(customer, { wish: { region: "two" } }));
  const { id } = activeOf(await start());
  const end = () => replica.control.end(id, customer.id, admin, AbortSignal.timeout(60_000));
  await end();
  const [begun, ended] = await Promise.all([start(), end()]);
  assert.notEqual(activeOf(begun).id, id);
  assert.equal(ended.kind, "terminated");
});

test("a start that comes again when its session has come back by later keys, and is over, begins nothing", async () => {
  const { exit } = await scene.exit(replica, "late-keys", { region: "late-keys" });
  const customer = await scene.customer();
  const come = (next: string, former?: string) =>
    replica.control.start(
      requestOf(customer, {
        ...{ wish: { region: "late-keys" }, reconnectHash: hashOf(`late ${next}`) },
        ...(former === undefined ? {} : { formerReconnectHash: hashOf(`late ${former}`) }),
      }),
    );
  const { id } = activeOf(await come("k1"));
  assert.equal(activeOf(await come("k2", "k1")).id, id);
  assert.equal(activeOf(await come("k3", "k2")).id, id);
  await replica.control.end(id, customer.id, admin, never);
  for (const key of ["k1", "k2", "k3"]) assert.equal((await come(key)).kind, "conflict", key);
  assert.deepEqual(exit.peers(), []);
});

test("a start beside the repeated end of an earlier session begins another, and leaves the earlier as it is", async () => {
  const { exit } = await scene.exit(replica, "beside", { region: "beside" });
  const customer = await scene.customer();
  const wish = { region: "beside" };
  const first = requestOf(customer, { wish, reconnectHash: hashOf("beside 1") });
  const { id } = activeOf(await replica.control.start(first));
  const end = () => replica.control.end(id, customer.id, admin, never);
  await end();
  // Both are asked in one turn, and go into one transaction.
  const [again, started] = await Promise.all([
    end(),
    replica.control.start(requestOf(customer, { wish, formerReconnectHash: hashOf("beside 1") })),
  ]);
  assert.equal(again.kind, "terminated");
  assert.notEqual(activeOf(started).id, id);
  assert.deepEqual(exit.peers(), [keyOf(customer)]);
});

test("a device that is not the customer's, or not any more, is not known", async () => {
  const [one, other] = await scene.customers(2);
  assert.ok(one !== undefined && other !== undefined);
  const foreign = requestOf(one, { device: other.device });
  assert.equal((await replica.control.start(foreign)).kind, "unknown-device");
  await scene.database.kysely
    .updateTable("customers")
    .set({ closed_at: new Date() })
    .where("id", "=", one.id)
    .execute();
  assert.equal((await replica.control.start(requestOf(one))).kind, "unknown-device");
});

test("a session that moves is carried by the new node before the old one lets it go", async () => {
  const [from, to] = [
    await scene.exit(replica, "from", { region: "m1" }),
    await scene.exit(replica, "to", { region: "m2" }),
  ];
  const customer = await scene.customer();
  const session = activeOf(await replica.control.start(requestOf(customer, { wish: { region: "m1" } })));
  const moved = await replica.control.move(session.id, customer.id, { region: "m2" }, admin, never);
  assert.ok(moved.kind === "active");
  assert.deepEqual([moved.session.id, moved.session.place.node], [session.id, to.id]);
  assert.deepEqual(to.exit.peers(), [keyOf(customer)]);
  await until("the old node has let it go", () => from.exit.peers().length === 0);
  await until("the old place is free", async () =>
    (await replica.control.nodes()).some(({ id, placements }) => id === from.id && placements === 0),
  );
  to.exit.manner = "refuses";
  const back = await replica.control.move(session.id, undefined, { region: "m2" }, admin, never);
  assert.equal(back.kind, "no-node", "it is there already");
  from.exit.manner = "refuses";
  const refused = await replica.control.move(session.id, undefined, { region: "m1" }, admin, never);
  assert.deepEqual(refused, { kind: "failed", why: "refused" });
  assert.equal((await replica.control.current(customer.id))?.place?.node, to.id);
});

test("a node that refuses has nobody, and its customer may begin again elsewhere", async () => {
  const { exit } = await scene.exit(replica, "no", { region: "no" });
  await scene.exit(replica, "yes", { region: "yes" });
  exit.manner = "refuses";
  const customer = await scene.customer();
  const request = requestOf(customer, { wish: { region: "no" } });
  assert.deepEqual(await replica.control.start(request), { kind: "failed", why: "refused" });
  assert.deepEqual(await replica.control.start(request), { kind: "failed", why: "refused" });
  activeOf(await replica.control.start(requestOf(customer, { wish: { region: "yes" } })));
});

test("a pool of four addresses carries one, is full then, and carries another when he has gone", async () => {
  await scene.exit(replica, "small", {
    region: "small",
    pools: ["10.91.0.0/30", "fd00:91::/126"],
    own: ["10.91.0.1", "fd00:91::1"],
  });
  const [one, other] = await scene.customers(2);
  assert.ok(one !== undefined && other !== undefined);
  const wish = { region: "small" };
  const session = activeOf(await replica.control.start(requestOf(one, { wish })));
  assert.deepEqual(session.place.addresses, ["10.91.0.2", "fd00:91::2"]);
  const full = await replica.control.start(requestOf(other, { wish }));
  assert.deepEqual(full, { kind: "no-node", why: { kind: "regions", reasons: new Map([["small", "busy"]]) } });
  await replica.control.end(session.id, undefined, admin, never);
  assert.deepEqual(activeOf(await replica.control.start(requestOf(other, { wish }))).place.addresses, [
    "10.91.0.2",
    "fd00:91::2",
  ]);
});

test("an address that somebody had is given to nobody for as long as its node refuses it, and then again", async () => {
  await scene.exit(replica, "resting", {
    ...{ region: "resting", pools: ["10.92.0.0/29"], own: ["10.92.0.1"], quarantineMillis: 1_500 },
  });
  const [one, other, third] = await scene.customers(3);
  assert.ok(one !== undefined && other !== undefined && third !== undefined);
  const wish = { region: "resting" };
  const addresses = [];
  for (const customer of [one, other, third, one, other]) {
    const { id, place } = activeOf(await replica.control.start(requestOf(customer, { wish })));
    addresses.push(...place.addresses);
    await replica.control.end(id, undefined, admin, never);
  }
  assert.equal(new Set(addresses).size, 5);
  const isGiven = async () => (await replica.control.start(requestOf(third, { wish }))).kind === "active";
  assert.equal(await isGiven(), false);
  await until("an address that has rested", isGiven);
});

test("a node that no admin has registered is told so", async () => {
  const { MemoryExit } = await import("./memory-exit.ts");
  const files = scene.authority.identity("nobody", "DNS:nobody");
  await using exit = await MemoryExit.listen({ name: "nobody", files });
  await assert.rejects(scene.beat(exit, replica), {
    message: /no node is registered by the names.*DNS|no node is registered by/,
  });
});
