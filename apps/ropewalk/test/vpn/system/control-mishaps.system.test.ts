/** Nodes that are dead, slow, late or mute, and a database that goes away: what whoever asked is told, and who is carried in the end. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { controlFor } from "@ropewalk/entry/vpn-control-settings";
import { millis, seconds } from "@ropewalk/kernel/units";
import { until } from "../../../../../packages/entry/test/system/condition.ts";
import { admin, ControlScene, type Replica, requestOf } from "./control-scene.ts";
import { presharedKeys } from "./preshared-keys.ts";
import { settle } from "./settled.ts";

/** Short, so that what is waited for comes soon. */
const terms = { ...controlFor(seconds(60), seconds(1_800), seconds(1.5)), claim: millis(700) };

let scene: ControlScene;
let replica: Replica;
before(async () => {
  scene = await ControlScene.open();
  replica = await scene.replica(terms);
});
after(() => scene?.[Symbol.asyncDispose]());

const signal = AbortSignal.timeout(120_000);
const start = async (region: string) => {
  const customer = await scene.customer();
  return { customer, outcome: await replica.control.start(requestOf(customer, { wish: { region } })) };
};
const started = async (region: string) => {
  const { customer, outcome } = await start(region);
  assert.ok(outcome.kind === "active", JSON.stringify(outcome));
  return { customer, session: outcome.session };
};

test("a node that never answers has nobody, and what it was ordered is undone when it does", async () => {
  const node = await scene.exit(replica, "mute", { region: "mute" });
  node.exit.manner = "mute";
  assert.deepEqual((await start("mute")).outcome, { kind: "failed", why: "silent" });
  node.exit.manner = "obeys";
  await settle(scene.database, [node]);
});

test("a node that takes an order and answers too late lets go of it again", async () => {
  const node = await scene.exit(replica, "late", { region: "late" });
  node.exit.delayAfter = millis(2_000);
  assert.deepEqual((await start("late")).outcome, { kind: "failed", why: "silent" });
  node.exit.delayAfter = millis(0);
  await settle(scene.database, [node]);
});

test("an order that comes to its node behind the deadline is refused", async () => {
  const node = await scene.exit(replica, "behind", { region: "behind" });
  node.exit.delayBefore = millis(2_000);
  assert.deepEqual((await start("behind")).outcome, { kind: "failed", why: "silent" });
  await until("it has refused", () => node.exit.refusals.includes("late"));
  node.exit.delayBefore = millis(0);
  await settle(scene.database, [node]);
});

test("a slow node is waited for", async () => {
  const node = await scene.exit(replica, "slow", { region: "slow" });
  node.exit.delayAfter = millis(400);
  const { session } = await started("slow");
  await replica.control.end(session.id, undefined, admin, signal);
  await settle(scene.database, [node]);
});

test("a replica that stops lets what is under way end, and begins nothing", async () => {
  const stopping = await scene.replica(terms);
  const node = await scene.exit(stopping, "last", { region: "last" });
  node.exit.delayAfter = millis(400);
  const [one, other] = await scene.customers(2);
  assert.ok(one !== undefined && other !== undefined);
  const underWay = stopping.control.start(requestOf(one, { wish: { region: "last" } }));
  await until("it was ordered", () => node.exit.calls.length > 0);
  const stopped = stopping[Symbol.asyncDispose]();
  await until("it begins nothing", async () => {
    const asked = stopping.control.start(requestOf(other, { wish: { region: "last" } }));
    return (await asked.catch((error) => error)).code === "ENTRY_STOPPING";
  });
  assert.equal((await underWay).kind, "active");
  await stopped;
  node.exit.delayAfter = millis(0);
});

test("a session whose node is dead is over when its time is, and is removed when the node is back", async () => {
  const node = await scene.exit(replica, "dead", { region: "dead" });
  const { session } = await started("dead");
  await node.exit.close();
  const ended = await replica.control.end(session.id, undefined, admin, signal);
  assert.ok(ended.kind === "terminated");
  assert.deepEqual([ended.session.state, ended.isConfirmed, node.exit.peers().length], ["terminated", false, 1]);
  await node.exit.open();
  await settle(scene.database, [node]);
  const again = await replica.control.end(session.id, undefined, admin, signal);
  assert.ok(again.kind === "terminated" && again.isConfirmed);
});

test("a session moves away from a dead node, whose address stays reserved until it says that it is free", async () => {
  const [dead, alive] = [
    await scene.exit(replica, "dying", { region: "dying" }),
    await scene.exit(replica, "living", { region: "living" }),
  ];
  const { session } = await started("dying");
  await dead.exit.close();
  const moved = await replica.control.move(session.id, undefined, { region: "living" }, admin, signal);
  assert.ok(moved.kind === "active" && moved.session.place.node === alive.id);
  const reserved = () =>
    scene.database.kysely.selectFrom("addresses").select("address").where("node", "=", dead.id).execute();
  assert.equal((await reserved()).length, 1);
  await dead.exit.open();
  await settle(scene.database, [dead, alive]);
  assert.deepEqual(await reserved(), []);
});

test("a node whose machine starts again is told all with its first heartbeat, with the key that its customer was told", async () => {
  const node = await scene.exit(replica, "again", { region: "again" });
  const { customer, session } = await started("again");
  const key = presharedKeys.of(session.place.placement).toHex();
  const held = () =>
    [...node.exit.table.all()].map((one) => one.kind === "present" && one.peer.presharedKey?.reveal().toHex());
  assert.deepEqual(held(), [key]);
  node.exit.reboot();
  assert.deepEqual(node.exit.peers(), []);
  await node.beat();
  assert.deepEqual(held(), [key]);
  assert.deepEqual(node.exit.peers(), [Buffer.from(customer.publicKey).toString("base64")]);
  assert.equal(node.exit.wantsSnapshot, false);
  await settle(scene.database, [node]);
});

test("a node that was not heard of for longer than its freshness is given nothing", async () => {
  const node = await scene.exit(replica, "stale", { region: "stale" });
  const before = new Date(Date.now() - 61_000);
  await scene.database.kysely.updateTable("nodes").set({ heartbeat_at: before }).where("id", "=", node.id).execute();
  const { outcome } = await start("stale");
  const reasons = new Map([["stale", "unavailable"]]);
  // What this replica has read of it may be a second old; its row is what counts.
  if (outcome.kind === "no-node" && outcome.why.kind === "regions")
    assert.ok(["busy", "unavailable"].includes(outcome.why.reasons.get("stale") ?? ""));
  else assert.deepEqual(outcome, { kind: "no-node", why: { kind: "regions", reasons } });
  assert.deepEqual(node.exit.peers(), []);
});

test("leases are prolonged when a third of them is over, and what a node cannot have any more is free", async () => {
  const short = { ...controlFor(seconds(60), seconds(3), seconds(1)), claim: millis(300) };
  await using own = await ControlScene.open();
  const quick = await own.replica(short);
  const [node, gone] = [await own.exit(quick, "kept", { region: "a" }), await own.exit(quick, "lost", { region: "b" })];
  const [one, other] = await own.customers(2);
  assert.ok(one !== undefined && other !== undefined);
  const kept = await quick.control.start(requestOf(one, { wish: { region: "a" } }));
  const lost = await quick.control.start(requestOf(other, { wish: { region: "b" } }));
  assert.ok(kept.kind === "active" && lost.kind === "active");
  const end = () => Math.max(...[...node.exit.table.all()].map((held) => (held.kind === "present" ? held.endsAt : 0)));
  const first = end();
  await until("the lease was prolonged twice", () => end() > first + 2_000);
  await gone.exit.close();
  await quick.control.end(lost.session.id, undefined, admin, signal);
  const held = () =>
    own.database.kysely.selectFrom("addresses").select("address").where("node", "=", gone.id).execute();
  assert.equal((await held()).length, 1);
  await until("its time is over", async () => (await held()).length === 0);
  assert.equal(gone.exit.peers().length, 0, "its lease was over before");
  await settle(own.database, [node, gone]);
});

test("a database that is killed under load comes back, and everybody who asks again has one session", async () => {
  const node = await scene.exit(replica, "load", { region: "load" });
  const customers = await scene.customers(60);
  const pid = scene.server.pid ?? 0;
  const work = customers.map(async (customer, index) => {
    const request = requestOf(customer, { wish: { region: "load" } });
    for (;;) {
      try {
        const outcome = await replica.control.start(request);
        if (outcome.kind !== "active" || index % 2 === 0) return outcome.kind;
        const ended = await replica.control.end(outcome.session.id, undefined, admin, signal);
        return ended.kind;
      } catch (error) {
        assert.match(
          String((error as { code?: string }).code),
          /^ENTRY_DATABASE_(DOWN|UNSURE|BUSY|CONTENDED|REFUSED)$/,
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });
  process.kill(pid, "SIGKILL");
  const kinds = await Promise.all(work);
  // Who was in the middle of it when time ran out has failed, and is carried by nobody.
  assert.deepEqual(
    new Set(kinds.filter((kind) => kind !== "failed" && kind !== "conflict")),
    new Set(["active", "terminated"]),
  );
  assert.notEqual(scene.server.pid, pid);
  await settle(scene.database, [node]);
});
