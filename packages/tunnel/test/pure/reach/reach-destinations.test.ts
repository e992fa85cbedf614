/** Which of several destinations a source seeks: in order of preference, but where its streams live while they do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { hub, Reaching, radio, spare, wire } from "./reach-fixture.ts";

const two = { destinations: [hub, spare] };
const ways = (reaching: Reaching) => reaching.dials.splice(0).map(({ way }) => way);

/** Its session is at the spare one, because the preferred one was away. */
function atSpare(streams: number): Reaching {
  const reaching = new Reaching(two);
  reaching.start();
  reaching.fail(reaching.last.attempt);
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  reaching.pass(5_000);
  reaching.streams = streams;
  assert.deepEqual(ways(reaching), [hub, spare]);
  reaching.news();
  return reaching;
}

test("at first the preferred destination is dialled, the next one as soon as it has failed, and after both there is a wait", () => {
  const reaching = new Reaching(two);
  reaching.start();
  for (const _ of [1, 2, 3, 4]) {
    reaching.fail(reaching.last.attempt);
    if (reaching.running.attempts.length === 0) reaching.passToDeadline();
  }
  assert.deepEqual(
    reaching.dials.map(({ way, at }) => [way, at]),
    [
      [hub, 0],
      [spare, 0],
      [hub, 50],
      [spare, 50],
      [hub, 150],
    ],
  );
});

test("by the best path each destination is tried before any is by the next path", () => {
  const reaching = new Reaching(two);
  reaching.start([wire, radio]);
  for (const _ of [1, 2, 3]) reaching.fail(reaching.last.attempt);
  assert.deepEqual(ways(reaching), [`${hub} wan0`, `${spare} wan0`, `${hub} wwan0`, `${spare} wwan0`]);
});

test("a session with streams is sought where it lives, and elsewhere only when that could not be reached for long", () => {
  const reaching = Reaching.carrying("unmanaged", two);
  ways(reaching);
  const lostAt = reaching.now;
  reaching.lose();
  while (reaching.last.way === hub) {
    if (reaching.running.attempts.length > 0) reaching.fail(reaching.last.attempt);
    reaching.passToDeadline();
  }
  assert.deepEqual([reaching.last.at - lostAt, reaching.last.purpose], [10_000, "first"]);
  assert(reaching.dials.length > 5);
  reaching.news();
  reaching.streams = 3;
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  assert.deepEqual(reaching.told.slice(0, 2), [
    { kind: "session-lost", destination: hub, why: "left-behind", streams: 3 },
    { kind: "failed-over", from: hub, to: spare },
  ]);
});

test("when the own destination does not even refuse, the other one is dialled beside it, and the first that answers is taken", () => {
  const reaching = Reaching.carrying("unmanaged", two);
  reaching.lose();
  const first = reaching.last.attempt;
  reaching.pass(1_000);
  const own = reaching.last.attempt;
  assert.deepEqual([reaching.last.way, own === first], [hub, false]);
  reaching.pass(8_999);
  assert.equal(reaching.last.attempt, own);
  reaching.pass(1);
  assert.deepEqual([reaching.last.way, reaching.abandoned], [spare, [first]]);
  reaching.up(own);
  assert.deepEqual(reaching.abandoned, [first, reaching.last.attempt]);
  assert.equal(reaching.running.lane?.way.destination, hub);
});

test("time without any path does not count against a destination", () => {
  const reaching = Reaching.carrying([wire], two);
  reaching.lose();
  reaching.fail(reaching.last.attempt);
  reaching.paths();
  reaching.pass(60_000);
  reaching.paths(wire);
  reaching.fail(reaching.last.attempt);
  reaching.pass(9_000);
  assert.deepEqual(new Set(ways(reaching)), new Set([`${hub} wan0`]));
});

test("a session without streams is begun anew at the preferred destination", () => {
  const reaching = atSpare(0);
  reaching.lose();
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [hub, "first"]);
  reaching.news();
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  assert.deepEqual(reaching.news(), ["failed-over", "started"]);
});

test("when streams have come meanwhile, the lane elsewhere is abandoned, and they are sought where they live", () => {
  const reaching = atSpare(0);
  reaching.lose();
  reaching.streams = 1;
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  assert.deepEqual(reaching.abandoned, [3]);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [spare, "resume"]);
});

test("a lane leads back to the preferred destination at a refresh, if it carries no streams then", () => {
  const reaching = atSpare(0);
  reaching.passToDeadline();
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [hub, "return"]);
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  assert.equal(reaching.running.lane?.way.destination, hub);
});

test("a lane with streams is refreshed where it is, and so is one without when the preferred destination is away", () => {
  const busy = atSpare(1);
  busy.passToDeadline();
  assert.deepEqual([busy.last.way, busy.last.purpose], [spare, "refresh"]);
  const idle = atSpare(0);
  idle.happen({ kind: "refresh-now" });
  idle.fail(idle.last.attempt);
  assert.deepEqual([idle.last.way, idle.last.purpose], [spare, "refresh"]);
});

test("streams that come while a lane leads back keep the one that they are on", () => {
  const reaching = atSpare(0);
  reaching.happen({ kind: "refresh-now" });
  const back = reaching.last.attempt;
  reaching.streams = 1;
  reaching.up(back, { kind: "started", lost: 0 });
  assert.deepEqual(reaching.abandoned, [back]);
  assert.equal(reaching.running.lane?.way.destination, spare);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [spare, "refresh"]);
});

test("a lane to a destination that is not configured any more carries its streams to their end, and is then replaced", () => {
  const reaching = Reaching.carrying("unmanaged", two);
  ways(reaching);
  reaching.config = { ...reaching.config, destinations: [spare] };
  reaching.happen({ kind: "reconfigured" });
  reaching.pass(60_000);
  assert.deepEqual(ways(reaching), []);
  reaching.streams = 0;
  reaching.pass(10_000);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [spare, "return"]);
});

test("an attempt at a destination that is not configured any more is abandoned, and its place taken in the same step", () => {
  const reaching = new Reaching(two);
  reaching.start();
  reaching.config = { ...reaching.config, destinations: [spare] };
  reaching.happen({ kind: "reconfigured" });
  assert.deepEqual([reaching.abandoned, ways(reaching)], [[1], [hub, spare]]);
});

test("such a lane is brought onto no better path, but replaced by that", () => {
  const reaching = Reaching.carrying([radio], two);
  reaching.config = { ...reaching.config, destinations: [spare] };
  reaching.happen({ kind: "reconfigured" });
  reaching.paths(wire, radio);
  assert.equal(reaching.dials.length, 1);
  reaching.streams = 0;
  reaching.pass(10_000);
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [`${spare} wan0`, "return"]);
});

test("when such a lane is lost, its session is sought nowhere, and another one is begun at once", () => {
  const reaching = Reaching.carrying("unmanaged", two);
  reaching.config = { ...reaching.config, destinations: [spare] };
  reaching.happen({ kind: "reconfigured" });
  reaching.lose();
  assert.deepEqual([reaching.last.way, reaching.last.purpose], [spare, "first"]);
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  assert.equal(reaching.running.session, spare);
});

test("a destination that refuses too often is left alone but for one attempt each cooldown, and others are not", () => {
  const reaching = new Reaching({ ...two, backoff: { first: millis(100), longest: millis(100) } });
  reaching.start();
  while (reaching.now < 90_000) {
    for (let [attempt] = reaching.running.attempts; attempt !== undefined; [attempt] = reaching.running.attempts)
      reaching.fail(attempt.attempt, attempt.way.destination === hub ? "refused" : "unreachable");
    reaching.passToDeadline();
  }
  const times = reaching.dials.filter(({ way }) => way === hub).map(({ at }) => at);
  assert.deepEqual(
    times.slice(5),
    [30_200, 60_200].map((at) => at),
    `${times}`,
  );
  assert(reaching.dials.length > 1_000);
  assert.deepEqual(
    reaching.told.filter(({ kind }) => kind.startsWith("breaker")),
    [{ kind: "breaker-opened", destination: hub, failures: 5, retryIn: seconds(30) }],
  );
});

test("a destination whose breaker is open is dialled once each cooldown, however many ways lead there", () => {
  const reaching = new Reaching();
  reaching.start([wire, radio]);
  while (!reaching.told.some(({ kind }) => kind === "breaker-opened")) {
    const [attempt] = reaching.running.attempts;
    if (attempt === undefined) reaching.passToDeadline();
    else reaching.fail(attempt.attempt, "refused");
  }
  for (const { attempt } of reaching.running.attempts) reaching.fail(attempt, "refused");
  const before = reaching.dials.length;
  reaching.pass(35_000);
  assert.equal(reaching.dials.length, before + 1);
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  assert.equal(reaching.told.at(-2)?.kind, "breaker-closed");
});

test("a lane at the preferred destination is never brought to another one because its refresh fails", () => {
  const reaching = Reaching.carrying("unmanaged", two);
  reaching.streams = 0;
  reaching.happen({ kind: "refresh-now" });
  reaching.fail(reaching.last.attempt);
  reaching.pass(1_000);
  assert.deepEqual(new Set(ways(reaching)), new Set([hub]));
});

test("any lane closes the breaker of its destination, and failures before it count no more", () => {
  const reaching = new Reaching({ breaker: { failures: 2, window: seconds(60), cooldown: seconds(30) } });
  reaching.start();
  reaching.fail(reaching.last.attempt, "refused");
  reaching.passToDeadline();
  reaching.fail(reaching.last.attempt, "refused");
  while (reaching.running.attempts.length === 0) reaching.passToDeadline();
  assert.equal(reaching.now, 30_050);
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  reaching.pass(5_000);
  reaching.lose();
  reaching.fail(reaching.last.attempt, "refused");
  reaching.pass(50);
  assert.equal(reaching.dials.length, 5);
  assert.deepEqual(
    reaching.told.filter(({ kind }) => kind.startsWith("breaker")).map(({ kind }) => kind),
    ["breaker-opened", "breaker-closed"],
  );
});

test("a new configuration ends a wait and gives one attempt to a destination whose breaker is open", () => {
  const reaching = new Reaching({ breaker: { failures: 1, window: seconds(60), cooldown: seconds(30) } });
  reaching.start();
  reaching.fail(reaching.last.attempt, "refused");
  reaching.pass(1_000);
  assert.equal(reaching.dials.length, 1);
  reaching.happen({ kind: "reconfigured" });
  assert.equal(reaching.dials.length, 2);
});
