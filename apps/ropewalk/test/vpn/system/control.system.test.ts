/** Sessions from their request to their end, with a real database and exits that judge as the product's do. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { StartOutcome } from "@ropewalk/entry/vpn-control";
import { admin, ControlScene, type Customer, type Replica, requestOf } from "./control-scene.ts";

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
