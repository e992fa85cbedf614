/** Orders that change hands: a replica that cannot send gives them to all and says so; and removals that a node refuses. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { listenForOrders, shareOrders } from "@ropewalk/entry/io/order-hints";
import { controlFor } from "@ropewalk/entry/vpn-control-settings";
import { millis, seconds } from "@ropewalk/kernel/units";
import { until } from "../../../../../packages/entry/test/system/condition.ts";
import { deps } from "../../../../../packages/entry/test/system/server-place.ts";
import { TestAuthority } from "../../../../../packages/ops/test/grpc/certificates.ts";
import { admin, ControlScene, Replica, requestOf } from "./control-scene.ts";
import { settle } from "./settled.ts";

/** So long that nobody comes by an order in time by waiting for the end of a claim. */
const terms = { ...controlFor(seconds(60), seconds(1_800), seconds(10)), claim: seconds(60) };
const never = AbortSignal.timeout(60_000);

let scene: ControlScene;
before(async () => {
  scene = await ControlScene.open();
});
after(() => scene?.[Symbol.asyncDispose]());

test("what a replica commits that its node does not let in is done by another, which is told of it", async (t) => {
  await using replica = await scene.replica(terms);
  using authority = new TestAuthority();
  const files = authority.identity("entry", "DNS:entry");
  await using shut = await Replica.start(scene.settings, files, terms);
  const node = await scene.exit(replica, "picky", { region: "picky" });
  const took: number[] = [];
  for (const customer of await scene.customers(20)) {
    const started = await replica.control.start(requestOf(customer, { wish: { region: "picky" } }));
    assert.ok(started.kind === "active");
    const asked = performance.now();
    const ended = shut.control.end(started.session.id, undefined, admin, never);
    await until("the node has let it go", () => node.exit.peers().length === 0);
    took.push(performance.now() - asked);
    const { isConfirmed } = (await ended) as { readonly isConfirmed?: boolean };
    assert.equal(isConfirmed, true);
  }
  const [least, half, most] = [took.toSorted((a, b) => a - b)].flatMap((all) => [all[0], all[10], all[19]]);
  t.diagnostic(
    `from the end to its removal by another replica, of 20: ${[least, half, most].map((ms) => Math.round(ms ?? 0)).join(", ")} ms`,
  );
  await settle(scene.database, [node]);
});

test("whoever listens hears what others give away, not what he gives away himself, and again when his connection was cut", async (t) => {
  const { database } = scene;
  const [own, other] = [randomUUID(), randomUUID()];
  const stop = new AbortController();
  t.after(() => stop.abort());
  let heard = 0;
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => failures.push(error);
  const told: unknown[] = [];
  const alone = async () => {
    const connection = await database.alone();
    connection.client.on("notification", ({ payload }) => told.push(payload));
    return connection;
  };
  const listening = listenForOrders(
    { ...deps, database: { alone }, replica: own, onHint: () => (heard += 1), onFailure },
    stop.signal,
  );
  await until("it listens", () => heard === 1);
  await using asking = await database.alone();
  const say = (who: string) => asking.rows("select pg_notify('ropewalk_orders', $1)", [who]);
  await say(own);
  await say(other);
  await until("both have come to it", () => told.length === 2);
  assert.deepEqual([told, heard], [[own, other], 2]);
  await shareOrders(database, other, undefined);
  await asking.rows("select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen ropewalk_orders'");
  await until("it listens again", () => failures.length > 0 && heard === 3);
  await say(other);
  await until("it hears again", () => heard === 4);
  stop.abort();
  await listening;
});

test("a removal that its node refuses is asked again and again, until the node does it", async () => {
  const replica = await scene.replica({ ...terms, claim: millis(300) });
  const node = await scene.exit(replica, "stubborn", { region: "stubborn" });
  const started = await replica.control.start(requestOf(await scene.customer(), { wish: { region: "stubborn" } }));
  assert.ok(started.kind === "active");
  node.exit.manner = "keeps";
  const ended = replica.control.end(started.session.id, undefined, admin, never);
  await until("it was asked three times", () => node.exit.refusals.length >= 3);
  assert.equal(node.exit.peers().length, 1);
  node.exit.manner = "obeys";
  const outcome = await ended;
  assert.ok(outcome.kind === "terminated");
  await settle(scene.database, [node]);
});
