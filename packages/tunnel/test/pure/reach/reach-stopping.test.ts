/** What a source does when the destination of its session is stopping: new streams are for another, those that there are stay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hub, path, Reaching, radio, spare, wire } from "./reach-fixture.ts";

const two = { destinations: [hub, spare] };
const ways = (reaching: Reaching) => reaching.dials.splice(0).map(({ way }) => way);

/** At the hub, which has just said that it is stopping. */
function stopping(...[paths, changes]: Parameters<typeof Reaching.carrying>): Reaching {
  const reaching = Reaching.carrying(paths, { ...two, ...changes });
  ways(reaching);
  reaching.news();
  reaching.happen({ kind: "session-stopping" });
  return reaching;
}

test("another destination is dialled at once, and the session there takes over without that streams are lost", () => {
  const reaching = stopping();
  assert.deepEqual([reaching.last.way, reaching.last.purpose, reaching.last.at], [spare, "return", reaching.now]);
  assert.deepEqual(reaching.told.splice(0), [{ kind: "destination-stopping", destination: hub }]);
  const { attempt } = reaching.last;
  reaching.up(attempt, { kind: "started", lost: 0 });
  assert.deepEqual([reaching.adopted.at(-1), reaching.running.session], [attempt, spare]);
  assert.deepEqual(reaching.news(), ["failed-over", "started"]);
  reaching.pass(60_000);
  assert.equal(reaching.dials.length, 1);
});

test("where there is no other destination everything goes on as it was", () => {
  for (const reaching of [
    stopping("unmanaged", { destinations: [hub] }),
    stopping([path("wan0", 1, "ipv6")], { destinations: [hub, "192.0.2.200:8443" as typeof hub] }),
  ]) {
    reaching.happen({ kind: "session-stopping" });
    assert.deepEqual([ways(reaching), reaching.news()], [[], ["destination-stopping"]]);
    const { refreshAt } = reaching.running;
    assert.ok(refreshAt !== undefined);
    reaching.pass(refreshAt - reaching.now);
    assert.equal(reaching.last.purpose, "refresh");
  }
});

test("others are tried in order, then again after a growing wait, and one that refuses is asked seldom", () => {
  const third = "third.example:8443" as typeof hub;
  const reaching = stopping("unmanaged", { destinations: [third, hub, spare] });
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  reaching.pass(1_000);
  ways(reaching);
  reaching.happen({ kind: "session-stopping" });
  assert.equal(reaching.running.session, hub);
  const at: number[] = [];
  for (let count = 0; count < 10; count += 1) {
    if (reaching.running.attempts.length === 0) reaching.passToDeadline();
    at.push(reaching.last.at);
    reaching.fail(reaching.last.attempt, "refused");
  }
  assert.deepEqual(ways(reaching).slice(0, 4), [third, spare, third, spare]);
  assert.ok((at[4] ?? 0) - (at[2] ?? 0) > (at[2] ?? 0) - (at[0] ?? 0), `${at}`);
  assert.ok(reaching.told.some(({ kind }) => kind === "breaker-opened"));
  assert.equal(reaching.running.lane?.way.destination, hub);
});

test("a lane that is lost meanwhile is sought where its streams live, and another is left for again once it is back", () => {
  const reaching = stopping();
  const elsewhere = reaching.last.attempt;
  reaching.lose();
  assert.deepEqual([reaching.last.way, reaching.last.at], [hub, reaching.now]);
  reaching.up(elsewhere, { kind: "started", lost: 0 });
  assert.deepEqual(reaching.abandoned, [elsewhere]);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [hub, "resume"]);
  reaching.pass(100);
  reaching.up(reaching.last.attempt);
  reaching.pass(100);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [spare, "return"]);
});

test("a path that is gone, and one that is better, come first: the streams that there are want a lane", () => {
  const reaching = stopping([radio, wire]);
  assert.deepEqual(ways(reaching), [`${spare} ${radio.name}`]);
  reaching.paths(wire);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [`${hub} ${wire.name}`, "move"]);
  reaching.up(reaching.last.attempt);
  reaching.pass(100);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [`${spare} ${wire.name}`, "return"]);
  reaching.fail(reaching.last.attempt);
  reaching.paths(radio, wire);
  reaching.pass(2_000);
  assert.ok(reaching.dials.some(({ way, purpose }) => way === `${hub} ${radio.name}` && purpose === "move"));
});

test("a session that begins anew, wherever, is not stopping", () => {
  for (const how of ["restarted", "ended"]) {
    const reaching = stopping();
    if (how === "ended") reaching.happen({ kind: "session-ended" });
    else reaching.lose();
    assert.equal(reaching.running.stoppingSince === undefined, how === "ended");
    reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
    const { session } = reaching.running;
    assert.equal(session, how === "ended" ? spare : hub);
    ways(reaching);
    reaching.pass(60_000);
    assert.deepEqual(ways(reaching), [], how);
  }
});

test("when no other destination is configured any more, none is sought", () => {
  const reaching = stopping();
  reaching.config = { ...reaching.config, destinations: [hub] };
  reaching.happen({ kind: "reconfigured" });
  assert.deepEqual([reaching.abandoned.length, reaching.running.errand], [1, undefined]);
});
