/** How a source replaces a lane that is old, while it carries. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { hub, Reaching, radio, wire } from "./reach-fixture.ts";

test("a lane is refreshed when its time has come, up to a tenth of it sooner, and carries until the new one is there", () => {
  const reaching = Reaching.carrying();
  const old = reaching.last.attempt;
  reaching.news();
  reaching.chance = 1;
  reaching.pass(3_595_000);
  assert.deepEqual([reaching.last.at, reaching.last.purpose], [3_600_000, "refresh"]);
  assert.equal(reaching.running.lane?.attempt, old);
  reaching.pass(80);
  reaching.up(reaching.last.attempt);
  assert.deepEqual(reaching.told, [
    { kind: "refresh-started", destination: hub, path: null },
    { kind: "refreshed", destination: hub, path: null, took: 80, streams: 1 },
  ]);
  const at = reaching.now;
  reaching.passToDeadline();
  assert.equal(reaching.now - at, 3_240_000);
});

test("a refresh that fails is tried again after growing waits, and harms nothing", () => {
  const reaching = Reaching.carrying();
  reaching.happen({ kind: "refresh-now" });
  reaching.news();
  for (const _ of [1, 2, 3]) {
    reaching.fail(reaching.last.attempt, "refused");
    reaching.passToDeadline();
  }
  assert.deepEqual(
    reaching.dials.slice(1).map(({ at }) => at - 5_000),
    [0, 50, 150, 350],
  );
  assert.deepEqual(reaching.told[1], { kind: "refresh-failed", destination: hub, retryIn: 50 });
  assert.equal(reaching.running.lane?.attempt, 1);
  reaching.up(reaching.last.attempt);
  assert.equal(reaching.told.at(-1)?.kind, "refreshed");
});

test("a lane that is lost during its refresh is replaced by what is under way, and no second attempt goes the same way", () => {
  const reaching = Reaching.carrying();
  reaching.happen({ kind: "refresh-now" });
  const { attempt } = reaching.last;
  reaching.lose();
  assert.equal(reaching.last.attempt, attempt);
  assert.deepEqual(reaching.abandoned, []);
  reaching.news();
  reaching.pass(20);
  reaching.up(attempt);
  assert.deepEqual(reaching.told, [
    { kind: "resumed", after: "loss", destination: hub, path: null, took: 20, streams: 1, resent: 0 },
  ]);
});

test("what is under way for a refresh has its two seconds before another way is tried beside it", () => {
  const reaching = Reaching.carrying([wire, radio]);
  reaching.happen({ kind: "refresh-now" });
  reaching.pass(500);
  reaching.lose();
  reaching.pass(1_499);
  assert.equal(reaching.dials.length, 2);
  reaching.pass(1);
  assert.equal(reaching.last.way, `${hub} wwan0`);
});

test("every new lane begins the time anew, whatever it was for", () => {
  const reaching = Reaching.carrying();
  reaching.pass(3_000_000);
  reaching.lose();
  reaching.up(reaching.last.attempt);
  reaching.pass(3_599_999);
  assert.equal(reaching.dials.length, 2);
  reaching.pass(1);
  assert.equal(reaching.dials.length, 3);
});

test("without a refresh a lane is as old as it gets, but for one that is asked for", () => {
  const reaching = Reaching.carrying("unmanaged", { refresh: seconds(0) });
  reaching.pass(30 * 86_400_000);
  assert.equal(reaching.dials.length, 1);
  reaching.happen({ kind: "refresh-now" });
  assert.equal(reaching.last.purpose, "refresh");
});

test("a new configuration that refreshes sooner is followed at once, one that does so later with the next lane, and one without not at all", () => {
  const reaching = Reaching.carrying();
  const reload = (refresh: number) => {
    reaching.config = { ...reaching.config, refresh: seconds(refresh) };
    reaching.happen({ kind: "reconfigured" });
  };
  reload(7200);
  assert.equal(reaching.running.refreshAt, 3_600_000);
  reload(60);
  assert.equal(reaching.running.refreshAt, 65_000);
  reload(0);
  assert.equal(reaching.running.refreshAt, undefined);
  reload(60);
  assert.equal(reaching.running.refreshAt, 65_000);
});
