/** How a source follows the backhaul from path to path. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { Destination } from "@ropewalk/tunnel/pure/reach/way";
import { hub, path, Reaching, radio, wire } from "./reach-fixture.ts";

const wire6 = path("wan0", 11, "ipv6");
const via = (reaching: Reaching) => reaching.dials.splice(0).map(({ way }) => way.split(" ")[1]);

test("a lane is moved at once when another path is better, and the old one carries until the new one is there", () => {
  const reaching = Reaching.carrying([radio]);
  const old = reaching.last.attempt;
  reaching.news();
  reaching.paths(wire, radio);
  assert.deepEqual([reaching.last.at, reaching.last.purpose, reaching.last.way], [5_000, "move", `${hub} wan0`]);
  assert.equal(reaching.running.lane?.attempt, old);
  reaching.pass(40);
  reaching.up(reaching.last.attempt);
  assert.deepEqual(reaching.told, [
    { kind: "path-changed", destination: hub, from: "wwan0 ipv4", to: "wan0 ipv4", why: "better" },
    {
      ...{ kind: "resumed", after: "move", destination: hub, path: "wan0 ipv4" },
      ...{ took: 40, streams: 1, resent: 0 },
    },
  ]);
});

test("a lane whose path is gone is moved at once, however short a while ago it was moved", () => {
  const reaching = Reaching.carrying([radio]);
  reaching.paths(wire, radio);
  reaching.up(reaching.last.attempt);
  reaching.news();
  reaching.pass(100);
  reaching.paths(radio);
  assert.deepEqual([reaching.last.at, reaching.last.way], [5_100, `${hub} wwan0`]);
  assert.deepEqual(reaching.news(), ["path-changed"]);
});

test("paths that change places move a lane no more often than each two seconds", () => {
  const reaching = Reaching.carrying([radio, wire]);
  via(reaching);
  for (let flap = 0; flap < 100; flap += 1) {
    if (flap % 2 === 0) reaching.paths(wire, radio);
    else reaching.paths(radio, wire);
    const [attempt] = reaching.running.attempts;
    if (attempt !== undefined) reaching.up(attempt.attempt);
    reaching.pass(100);
  }
  assert(reaching.dials.length <= 6, `${reaching.dials.length} moves in ten seconds`);
  const times = reaching.dials.map(({ at }) => at);
  assert(times.every((at, index) => index === 0 || at - (times[index - 1] ?? 0) >= 2_000));
});

test("a move is abandoned when the lane is on the best path again", () => {
  const reaching = Reaching.carrying([radio, wire]);
  reaching.paths(wire, radio);
  reaching.paths(radio, wire);
  assert.deepEqual(reaching.abandoned, [reaching.last.attempt]);
});

test("an attempt by a path that is gone is abandoned, and its place taken in the same step", () => {
  const reaching = new Reaching();
  reaching.start([wire]);
  reaching.paths(radio);
  assert.deepEqual(reaching.abandoned, [1]);
  assert.deepEqual(via(reaching), ["wan0", "wwan0"]);
});

test("a path that comes up better than the one that is being dialled by is dialled by beside it", () => {
  const reaching = new Reaching();
  reaching.start([radio]);
  reaching.pass(10);
  reaching.paths(wire, radio);
  assert.deepEqual([via(reaching), reaching.abandoned], [["wwan0", "wan0"], []]);
  reaching.up(reaching.running.attempts[1]?.attempt ?? (0 as never), { kind: "started", lost: 0 });
  assert.deepEqual(reaching.abandoned, [1]);
});

test("another path ends a wait, but the same paths with other figures do not", () => {
  const reaching = new Reaching();
  reaching.start([radio]);
  for (let failures = 0; failures < 12; failures += 1) {
    reaching.fail(reaching.last.attempt);
    if (failures < 11) reaching.passToDeadline();
  }
  const before = reaching.dials.length;
  reaching.pass(1_000);
  reaching.paths({ ...radio, score: 70 });
  assert.equal(reaching.dials.length, before);
  reaching.paths(wire, { ...radio, score: 70 });
  assert.equal(reaching.last.way, `${hub} wan0`);
});

test("another path gives one attempt to a destination whose breaker is open", () => {
  const reaching = new Reaching({ backoff: { first: millis(100), longest: millis(100) } });
  reaching.start([radio]);
  for (const _ of [1, 2, 3, 4, 5]) {
    while (reaching.running.attempts.length === 0) reaching.passToDeadline();
    reaching.fail(reaching.last.attempt, "refused");
  }
  reaching.pass(5_000);
  assert.equal(reaching.dials.length, 5);
  reaching.paths(wire);
  assert.equal(reaching.dials.length, 6);
  reaching.fail(reaching.last.attempt, "refused");
  reaching.pass(5_000);
  assert.equal(reaching.dials.length, 6);
});

test("without any path nothing is dialled, which is told once; with one again it goes on at once", () => {
  const reaching = Reaching.carrying([wire]);
  reaching.news();
  reaching.paths();
  reaching.happen({ kind: "connectivity", paths: [] });
  reaching.lose();
  const before = reaching.dials.length;
  reaching.pass(3_600_000);
  assert.equal(reaching.dials.length, before);
  assert.deepEqual(reaching.news(), ["offline", "lane-closed"]);
  reaching.paths(wire);
  assert.deepEqual(reaching.told, [{ kind: "online", offlineFor: millis(3_600_000) }]);
  assert.equal(reaching.last.at, reaching.now);
});

test("a lane outlives a time without paths, if nobody else ends it", () => {
  const reaching = Reaching.carrying([wire]);
  reaching.paths();
  reaching.pass(5_000);
  reaching.paths(wire);
  assert.equal(reaching.dials.length, 1);
  assert.notEqual(reaching.running.lane, undefined);
});

test("a move that fails harms nothing, and is tried again after ever longer times", () => {
  const reaching = Reaching.carrying([radio]);
  reaching.chance = 1;
  reaching.paths(wire, radio);
  via(reaching);
  const times: number[] = [];
  for (let failures = 0; failures < 6; failures += 1) {
    const { attempt } = reaching.running.attempts[0] ?? {};
    assert(attempt !== undefined);
    reaching.fail(attempt);
    while (reaching.running.attempts.length === 0) reaching.passToDeadline();
    times.push(reaching.last.at - 5_000);
  }
  assert.deepEqual(times, [2_000, 6_000, 14_000, 30_000, 62_000, 122_000]);
  assert.equal(reaching.running.lane?.way.path?.name, "wwan0");
});

test("an attempt that hangs is joined by one by another way after two seconds, and the first that comes up is taken", () => {
  const reaching = new Reaching();
  reaching.start([wire, radio]);
  reaching.pass(1_999);
  assert.deepEqual(via(reaching), ["wan0"]);
  reaching.pass(1);
  assert.deepEqual(via(reaching), ["wwan0"]);
  reaching.up(reaching.running.attempts[1]?.attempt ?? (0 as never), { kind: "started", lost: 0 });
  assert.deepEqual(reaching.abandoned, [1]);
  assert.equal(reaching.running.lane?.way.path?.name, "wwan0");
});

test("a lane stays within the address family by which it reaches its destination, while that has a path", () => {
  const reaching = Reaching.carrying([wire]);
  reaching.paths(wire6, wire);
  assert.equal(reaching.dials.length, 1);
  reaching.paths(wire6);
  assert.equal(reaching.last.purpose, "move");
});

test("an address of one family is never dialled by a path of the other", () => {
  const four = new Reaching({ destinations: ["192.0.2.7:8443" as Destination] });
  four.start([wire6]);
  assert.deepEqual([four.dials, four.news()], [[], ["offline"]]);
  four.paths(wire6, wire);
  assert.equal(four.dials.length, 1);
  const six = new Reaching({ destinations: ["[2001:db8::7]:8443" as Destination] });
  six.start([wire, wire6]);
  six.fail(six.last.attempt);
  assert.deepEqual(six.running.attempts, []);
});

test("a new source address makes another path of the same uplink", () => {
  const reaching = Reaching.carrying([wire]);
  reaching.paths({ ...wire, source: radio.source });
  assert.equal(reaching.last.purpose, "move");
});

test("a lane that was bound to no path is brought onto one when a backhaul comes, and none is moved when it goes", () => {
  const reaching = Reaching.carrying();
  reaching.paths(wire);
  assert.deepEqual([reaching.last.purpose, reaching.last.way], ["move", `${hub} wan0`]);
  reaching.up(reaching.last.attempt);
  reaching.happen({ kind: "connectivity", paths: "unmanaged" });
  reaching.pass(60_000);
  assert.equal(reaching.dials.length, 2);
});

test("a better path comes before a refresh that goes on", () => {
  const reaching = Reaching.carrying([radio]);
  reaching.happen({ kind: "refresh-now" });
  reaching.paths(wire, radio);
  assert.deepEqual([reaching.last.purpose, reaching.last.way], ["move", `${hub} wan0`]);
  reaching.up(reaching.last.attempt);
  assert.deepEqual(reaching.abandoned, [2]);
  reaching.pass(60_000);
  assert.equal(reaching.dials.length, 3);
});

test("a lane whose path is gone seeks the next one of its address family first", () => {
  const reaching = Reaching.carrying([wire]);
  reaching.paths(wire6, radio);
  assert.equal(reaching.last.way, `${hub} wwan0`);
  reaching.fail(reaching.last.attempt);
  assert.equal(reaching.last.way, `${hub} wan0`);
});

test("a path that was moved to in the end is not spared for what had failed before", () => {
  const reaching = Reaching.carrying([radio]);
  reaching.chance = 1;
  reaching.paths(wire, radio);
  for (let failures = 0; failures < 4; failures += 1) {
    reaching.fail(reaching.last.attempt);
    while (reaching.running.attempts.length === 0) reaching.passToDeadline();
  }
  reaching.up(reaching.last.attempt);
  reaching.paths(radio);
  reaching.up(reaching.last.attempt);
  reaching.pass(5_000);
  reaching.paths(wire, radio);
  reaching.fail(reaching.last.attempt);
  const failedAt = reaching.now;
  while (reaching.running.attempts.length === 0) reaching.passToDeadline();
  assert.equal(reaching.last.at - failedAt, 2_000);
});

test("the same paths in another order end a wait too", () => {
  const reaching = new Reaching({ backoff: { first: millis(60_000), longest: millis(60_000) } });
  reaching.start([wire, radio]);
  reaching.fail(reaching.last.attempt);
  reaching.fail(reaching.last.attempt);
  assert.equal(reaching.running.errand?.roundAt, 30_000);
  reaching.pass(30_000 - 1);
  reaching.paths(radio, wire);
  assert.equal(reaching.running.errand?.roundAt, undefined);
});
