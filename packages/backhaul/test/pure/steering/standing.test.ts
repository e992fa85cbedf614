/** Who has the wheel, from what was kept and what is configured: every pair of them, and every way from one to the next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isActing,
  type Kept,
  type Standing,
  type StandingConfig,
  settled,
  standingAtStart,
  standingFor,
  taken,
} from "@ropewalk/backhaul/pure/steering/standing";
import { millis, seconds } from "@ropewalk/kernel/units";

const all = ["nothing", "trial", "purging", "unconfirmed", "purged", "confirmed"] as const satisfies readonly Kept[];
const active: StandingConfig = { monitorOnly: false, executeCommands: true, confirmWithin: seconds(60) };
const unasked: StandingConfig = { ...active, confirmWithin: millis(0) };
const watching: StandingConfig = { ...active, monitorOnly: true };
const dryRun: StandingConfig = { ...active, executeCommands: false };

const textOf = (standing: Standing) => (standing.kind === "waiting" ? `waiting: ${standing.because}` : standing.kind);
const starts = (config: StandingConfig) =>
  Object.fromEntries(all.map((kept) => [kept, textOf(standingAtStart(kept, config).standing)]));

test("who may change nothing changes nothing, whatever was kept", () => {
  assert.deepEqual(new Set(Object.values(starts(watching))), new Set(["watching"]));
  assert.deepEqual(new Set(Object.values(starts(dryRun))), new Set(["dry-run"]));
  assert.deepEqual(
    new Set(Object.values(starts({ ...watching, executeCommands: false }))),
    new Set(["watching"]),
    "to watch is less than to say what would be done",
  );
});

test("the wheel is had again only by who had it for good", () => {
  const others = {
    trial: "waiting: unconfirmed",
    purging: "waiting: purged",
    unconfirmed: "waiting: unconfirmed",
    purged: "waiting: purged",
    confirmed: "steering",
  };
  assert.deepEqual(starts(active), { nothing: "waiting: not-taken", ...others });
  assert.deepEqual(starts(unasked), { nothing: "steering", ...others }, "what was given back is not taken unasked");
});

test("what an earlier run left half done is ended first, also by who only watches now", () => {
  for (const config of [active, unasked, watching, dryRun]) {
    const half = all.filter((kept) => standingAtStart(kept, config).mustPurge);
    assert.deepEqual(half, ["trial", "purging"]);
  }
  for (const kept of all) assert.equal(standingAtStart(settled(kept), active).mustPurge, false, kept);
});

test("a trial that was ended was not confirmed, a purge that was ended is done, and the rest is as it was", () => {
  assert.deepEqual(all.map(settled), ["nothing", "unconfirmed", "purged", "unconfirmed", "purged", "confirmed"]);
});

test("a start and a configuration that changes come to the same", () => {
  for (const config of [active, unasked, watching, dryRun]) {
    for (const kept of all) {
      assert.deepEqual(standingAtStart(kept, config).standing, standingFor(settled(kept), config));
    }
  }
});

test("who waits may take the wheel, on trial until the time to confirm is over, or for good when nobody is asked", () => {
  const now = millis(5_000);
  for (const because of ["not-taken", "unconfirmed", "purged"] as const) {
    const waiting: Standing = { kind: "waiting", because };
    assert.deepEqual(taken(waiting, active, now), { kind: "trial", confirmBy: 65_000 });
    assert.deepEqual(taken(waiting, unasked, now), { kind: "steering" });
  }
});

test("who may not, or has it already, is told why and what would help", () => {
  const refusals: readonly (readonly [Standing, RegExp])[] = [
    [{ kind: "watching" }, /monitor_only is true; set it to false/],
    [{ kind: "dry-run" }, /execute_commands is false.*set it to true/],
    [{ kind: "trial", confirmBy: millis(1) }, /already/],
    [{ kind: "steering" }, /already/],
  ];
  for (const [standing, words] of refusals) {
    const refused = taken(standing, active, millis(0));
    assert.match(typeof refused === "string" ? refused : "it was taken", words);
  }
});

test("the kernel is changed on trial and for good, and else not", () => {
  const standings: readonly Standing[] = [
    { kind: "watching" },
    { kind: "dry-run" },
    { kind: "waiting", because: "not-taken" },
    { kind: "trial", confirmBy: millis(1) },
    { kind: "steering" },
  ];
  assert.deepEqual(
    standings.filter(isActing).map(({ kind }) => kind),
    ["trial", "steering"],
  );
});
