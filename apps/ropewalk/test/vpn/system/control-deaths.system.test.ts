/** Replicas that are killed, or stopped, at each step of starting, moving and ending a session: another goes on from there. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SessionId } from "@ropewalk/entry/pure/vpn-session";
import { controlFor } from "@ropewalk/entry/vpn-control-settings";
import { millis, seconds } from "@ropewalk/kernel/units";
import { until } from "../../../../../packages/entry/test/system/condition.ts";
import { admin, ControlScene, type Customer, hashOf, type Replica, requestOf } from "./control-scene.ts";
import { ReplicaChild } from "./replica-child.ts";
import type { Ask } from "./replica-main.ts";
import { type PlacedExit, settle } from "./settled.ts";

const terms = { ...controlFor(seconds(60), seconds(1_800), seconds(4)), claim: millis(400) };

let scene: ControlScene;
let replica: Replica;
let exits: readonly PlacedExit[];
before(async () => {
  scene = await ControlScene.open();
  replica = await scene.replica(terms);
  exits = [
    await scene.exit(replica, "here", { region: "here" }),
    await scene.exit(replica, "there", { region: "there" }),
  ];
});
after(() => scene?.[Symbol.asyncDispose]());

const signal = AbortSignal.timeout(600_000);
const child = () => ReplicaChild.start(scene.settings, scene.entryFiles, terms);
type What = Ask extends infer One ? (One extends Ask ? Omit<One, "at" | "how"> : never) : never;

/** Dies at the first point, at the second, and on until it outlives them; each time somebody else is asked the same. */
async function atEachPoint(
  prepare: () => Promise<What>,
  again: (what: What) => Promise<string>,
): Promise<readonly string[]> {
  const died: string[] = [];
  for (let at = 1; ; at += 1) {
    // A node that is not heard of is given nothing.
    for (const { exit } of exits) await scene.beat(exit, replica);
    await using one = await child();
    const what = await prepare();
    const reply = await one.ask({ ...what, at, how: "SIGKILL" } as Ask);
    if (reply.kind === "done") {
      assert.ok(reply.passed < at, `${what.kind} went through ${reply.passed} points and outlived the ${at}th`);
      return died;
    }
    died.push(reply.at);
    const outcome = await again(what);
    assert.ok(outcome === "active" || outcome === "terminated" || outcome === "no-node", `${reply.at}: ${outcome}`);
    await settle(scene.database, exits);
    await endAll();
  }
}

async function endAll(): Promise<void> {
  const live = await scene.database.kysely.selectFrom("sessions").select("id").where("is_live", "=", true).execute();
  await Promise.all(live.map(({ id }) => replica.control.end(id as SessionId, undefined, admin, signal)));
}

async function started(): Promise<{ readonly customer: Customer; readonly id: SessionId }> {
  const customer = await scene.customer();
  const outcome = await replica.control.start(requestOf(customer, { wish: { region: "here" } }));
  assert.ok(outcome.kind === "active", JSON.stringify(outcome));
  return { customer, id: outcome.session.id };
}

test("whoever was starting a session when his replica was killed starts it by another", async (t) => {
  const died = await atEachPoint(
    async () => ({ kind: "start", customer: { ...(await scene.customer()), key: `${Math.random()}` }, region: "here" }),
    async (what) => {
      assert.ok(what.kind === "start");
      const { key, ...customer } = what.customer;
      const request = { wish: { region: "here" }, reconnectHash: hashOf(key) };
      return (await replica.control.start(requestOf(customer, request))).kind;
    },
  );
  t.diagnostic(`killed ${died.length} times: ${died.join(", ")}`);
  assert.ok(died.includes("before the commit") && died.includes("behind the commit"));
});

test("a session that was being ended when a replica was killed is ended by another", async (t) => {
  const died = await atEachPoint(
    async () => ({ kind: "end", session: (await started()).id }),
    async (what) => {
      assert.ok(what.kind === "end");
      return (await replica.control.end(what.session as SessionId, undefined, admin, signal)).kind;
    },
  );
  t.diagnostic(`killed ${died.length} times: ${died.join(", ")}`);
  assert.ok(died.includes("before the commit") && died.includes("behind the commit"));
});

test("a session that was being moved when a replica was killed is on one node in the end", async (t) => {
  const died = await atEachPoint(
    async () => ({ kind: "move", session: (await started()).id, region: "there" }),
    async (what) => {
      assert.ok(what.kind === "move");
      // Where it has got to is for the others to see; it is on its way, or can be moved.
      await settle(scene.database, exits);
      return (await replica.control.move(what.session as SessionId, undefined, { region: "there" }, admin, signal))
        .kind;
    },
  );
  t.diagnostic(`killed ${died.length} times: ${died.join(", ")}`);
  assert.ok(died.includes("before the commit") && died.includes("behind the commit"));
});

test("a replica that was stopped with an order in its hands, and wakes when the session is over, brings nobody back", async () => {
  for (const { exit } of exits) await scene.beat(exit, replica);
  await using sleeper = await child();
  const customer = await scene.customer();
  const key = `${Math.random()}`;
  // Its order is committed and was not sent.
  const points = [
    "lock_customers",
    "lock_sessions",
    "start_facts",
    "lock_nodes",
    "address_gaps",
    "write_steps",
    "commit",
    "behind",
  ];
  const asked = sleeper.ask({
    ...{ kind: "start", customer: { ...customer, key }, region: "here", at: points.length, how: "SIGSTOP" },
  });
  await until("it has stopped", () => sleeper.stoppedAt !== "");
  assert.equal(sleeper.stoppedAt, "behind the commit");
  const outcome = await replica.control.start(
    requestOf(customer, { wish: { region: "here" }, reconnectHash: hashOf(key) }),
  );
  assert.ok(outcome.kind === "active");
  const ended = await replica.control.end(outcome.session.id, undefined, admin, signal);
  assert.ok(ended.kind === "terminated" && ended.isConfirmed);
  sleeper.signal("SIGCONT");
  const reply = await asked;
  assert.ok(reply.kind === "done");
  assert.notEqual(reply.outcome, "active");
  await settle(scene.database, exits);
});
