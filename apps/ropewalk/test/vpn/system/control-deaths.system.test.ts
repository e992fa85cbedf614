/** Replicas that are killed, or stopped, at steps of starting, moving and ending a session: another goes on from there. All steps: the soak. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../../../../../packages/entry/test/system/condition.ts";
import { admin, hashOf, requestOf } from "./control-scene.ts";
import { DeathWalk } from "./death-walk.ts";
import { settle } from "./settled.ts";

let walk: DeathWalk;
before(async () => {
  walk = await DeathWalk.open();
});
after(() => walk?.[Symbol.asyncDispose]());

/** Every fourth point, from another one each time. */
const stride = { first: 1 + Math.floor(Math.random() * 4), step: 4 };

for (const what of ["start", "end", "move"] as const)
  test(`a ${what} whose replica is killed on the way is gone through by another`, async (t) => {
    const died = await walk[what](stride);
    t.diagnostic(`killed at ${died.join(", ")}`);
    assert.ok(died.length >= 2);
  });

test("a replica that was stopped with an order in its hands, and wakes when the session is over, brings nobody back", async () => {
  const { scene, replica, exits } = walk;
  await walk.beat();
  await using sleeper = await walk.child();
  const customer = await scene.customer();
  const key = `${Math.random()}`;
  // Behind the ninth point its order is committed, and was not sent.
  const asked = sleeper.ask({
    ...{ kind: "start", customer: { ...customer, key }, region: "here", at: 9, how: "SIGSTOP" },
  });
  await until("it has stopped", () => sleeper.stoppedAt !== "");
  assert.equal(sleeper.stoppedAt, "behind the commit");
  const request = requestOf(customer, { wish: { region: "here" }, reconnectHash: hashOf(key) });
  const outcome = await replica.control.start(request);
  assert.ok(outcome.kind === "active");
  const ended = await replica.control.end(outcome.session.id, undefined, admin, AbortSignal.timeout(60_000));
  assert.ok(ended.kind === "terminated" && ended.isConfirmed);
  sleeper.signal("SIGCONT");
  const reply = await asked;
  assert.ok(reply.kind === "done");
  assert.notEqual(reply.outcome, "active");
  await settle(scene.database, exits);
});
