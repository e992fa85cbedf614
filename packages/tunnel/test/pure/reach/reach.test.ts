/** How a source that has lost its lane seeks another, told as scenarios. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import type { AttemptId } from "@ropewalk/tunnel/pure/reach/attempt";
import { hub, Reaching, wire } from "./reach-fixture.ts";

/** When each dial since `lostAt` was made, if every one fails at once. */
function waits(reaching: Reaching, failures: number): readonly number[] {
  const lostAt = reaching.now;
  const before = reaching.dials.length;
  reaching.lose();
  for (let failed = 0; failed < failures; failed += 1) {
    reaching.fail(reaching.last.attempt);
    reaching.passToDeadline();
  }
  return reaching.dials.slice(before).map(({ at }) => at - lostAt);
}

test("a lost lane is sought at once, then after growing waits, at least half of which is not chance", () => {
  const patient = Reaching.carrying();
  patient.chance = 1;
  assert.deepEqual(waits(patient, 4), [0, 100, 300, 700, 1500]);
  const hasty = Reaching.carrying();
  assert.deepEqual(waits(hasty, 4), [0, 50, 150, 350, 750]);
});

test("no wait is longer than the longest, and after a lane the waits begin anew", () => {
  const reaching = Reaching.carrying();
  reaching.chance = 1;
  const seen = waits(reaching, 20);
  assert.equal((seen[20] ?? 0) - (seen[19] ?? 0), 30_000);
  reaching.up(reaching.last.attempt);
  reaching.pass(1_000);
  assert.deepEqual(waits(reaching, 1), [0, 100]);
});

const endings: readonly (readonly [string, (reaching: Reaching) => void])[] = [
  ["lanes that are lost", (reaching) => reaching.lose()],
  ["sessions that end", (reaching) => reaching.happen({ kind: "session-ended" })],
];

for (const [what, lose] of endings) {
  test(`${what} as soon as they are there are not sought at once for ever`, () => {
    const reaching = Reaching.carrying();
    reaching.chance = 1;
    const waited: number[] = [];
    for (let strike = 0; strike < 9; strike += 1) {
      const lostAt = reaching.now;
      lose(reaching);
      while (reaching.running.attempts.length === 0) reaching.passToDeadline();
      waited.push(reaching.last.at - lostAt);
      reaching.pass(50);
      reaching.up(reaching.last.attempt);
      reaching.pass(100);
    }
    assert.deepEqual(waited, [0, 0, 0, 100, 200, 400, 800, 1000, 1000]);
    reaching.pass(300);
    assert.deepEqual(waits(reaching, 0), [0]);
  });
}

test("an attempt of which nothing comes is abandoned at its deadline, and counts as one that failed", () => {
  const reaching = Reaching.carrying();
  reaching.lose();
  const hung = reaching.last.attempt;
  reaching.news();
  reaching.pass(19_999);
  assert.deepEqual(reaching.abandoned, []);
  reaching.pass(1);
  assert.deepEqual(reaching.abandoned, [hung]);
  assert.deepEqual(reaching.news(), ["dial-failed"]);
  reaching.pass(50);
  assert.notEqual(reaching.last.attempt, hung);
  reaching.up(hung);
  assert.deepEqual(reaching.abandoned, [hung, hung]);
  assert.equal(reaching.running.lane, undefined);
});

test("a lane that comes up carries the session on, and it is told how long that took and what was sent again", () => {
  const reaching = Reaching.carrying([wire]);
  reaching.lose({ kind: "write-failed", code: "EPIPE" });
  reaching.pass(30);
  reaching.news();
  const { attempt, purpose } = reaching.last;
  assert.equal(purpose, "resume");
  reaching.happen({ kind: "dialled", attempt, outcome: { kind: "resumed", streams: 7, resent: 4096 } });
  assert.deepEqual(reaching.adopted.at(-1), attempt);
  const on = { destination: hub, path: "wan0 ipv4" };
  assert.deepEqual(reaching.told, [{ kind: "resumed", after: "loss", ...on, took: 30, streams: 7, resent: 4096 }]);
});

test("how long a lane was away is counted from its loss, however often it was sought", () => {
  const reaching = Reaching.carrying();
  reaching.lose();
  reaching.fail(reaching.last.attempt);
  reaching.pass(70);
  reaching.news();
  reaching.up(reaching.last.attempt);
  const [event] = reaching.told;
  assert(event?.kind === "resumed");
  assert.equal(event.took, 70);
});

test("why a lane was lost is told by what is known of it", () => {
  const on = { destination: hub, path: "wan0 ipv4" };
  const lost = (why: Parameters<Reaching["lose"]>[0]) => {
    const reaching = Reaching.carrying([wire]);
    reaching.news();
    reaching.lose(why);
    return reaching.told[0];
  };
  assert.deepEqual(lost({ kind: "closed", code: "ended" }), { kind: "lane-closed", ...on, code: "ended" });
  assert.deepEqual(lost({ kind: "write-failed", code: "EPIPE" }), { kind: "write-failed", ...on, code: "EPIPE" });
  assert.deepEqual(lost({ kind: "broken", detail: "a bad tag" }), { kind: "lane-broken", ...on, detail: "a bad tag" });
  assert.deepEqual(lost({ kind: "heartbeat", silence: seconds(2), missed: 3 }), {
    kind: "heartbeat-dead",
    ...on,
    silence: 2_000,
    missed: 3,
  });
});

test("a destination that has forgotten the session gets a new one at once, and the streams that are lost are told", () => {
  const reaching = Reaching.carrying();
  reaching.lose();
  reaching.news();
  reaching.up(reaching.last.attempt, { kind: "started", lost: 12 });
  assert.deepEqual(reaching.told, [
    { kind: "session-lost", destination: hub, why: "peer-restarted", streams: 12 },
    { kind: "started", destination: hub, path: null, took: 0 },
  ]);
});

test("a session that is at its end takes its lane with it and is not resumed: the next one is begun at once", () => {
  const reaching = Reaching.carrying();
  reaching.happen({ kind: "session-ended" });
  assert.equal(reaching.last.at, reaching.now);
  assert.equal(reaching.last.purpose, "first");
  reaching.news();
  reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
  assert.deepEqual(reaching.news(), ["started"]);
});

test("the loss of a lane that was replaced is no loss", () => {
  const reaching = Reaching.carrying();
  const old = reaching.last.attempt;
  reaching.happen({ kind: "refresh-now" });
  reaching.up(reaching.last.attempt);
  reaching.news();
  reaching.happen({ kind: "lane-lost", attempt: old, why: { kind: "closed", code: "ended" } });
  assert.deepEqual(reaching.news(), []);
  assert.notEqual(reaching.running.lane, undefined);
});

test("before it is started nothing is dialled, and after it was stopped neither", () => {
  const reaching = new Reaching();
  reaching.happen({ kind: "connectivity", paths: [wire] });
  reaching.happen({ kind: "refresh-now" });
  assert.deepEqual(reaching.dials, []);
  reaching.start([wire]);
  assert.equal(reaching.last.purpose, "first");
  reaching.happen({ kind: "stopped" });
  assert.deepEqual(reaching.abandoned, [1]);
  reaching.up(1 as AttemptId, { kind: "started", lost: 0 });
  assert.deepEqual([reaching.abandoned, reaching.dials.length], [[1, 1], 1]);
});
