import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asked,
  type Check,
  interception,
  isBelieved,
  isDue,
  isGood,
  type PlannedCheck,
  reconciled,
  withResult,
} from "@ropewalk/backhaul/pure/health/checks";
import type { ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { millis } from "@ropewalk/kernel/units";
import { ip } from "./rig.ts";

const plan: PlannedCheck = {
  key: "tcp t1",
  kind: "tcp",
  label: "t1",
  role: "target",
  question: { kind: "tcp", target: ip("203.0.113.10"), port: 443 },
  limit: millis(7_000),
  interval: millis(30_000),
  phase: millis(12_000),
  delay: millis(100),
};
const good: ProbeResult = { kind: "answered", rtt: millis(10) };
const silent: ProbeResult = { kind: "silent" };

function fresh(planned: PlannedCheck = plan): Check {
  const [check] = reconciled([], [planned], millis(0));
  if (check === undefined) throw new Error("one plan is one check");
  return check;
}

/** Asked and answered whenever it is due, until `until`; returns when it was asked. */
function timesAsked(result: (at: number) => ProbeResult, until: number): readonly number[] {
  let check = fresh();
  const times: number[] = [];
  for (let now = 0; now <= until; now += 100) {
    if (!isDue(check, millis(now), false)) continue;
    times.push(now);
    check = withResult(asked(check, now, millis(now)), result(now), millis(now + 50));
  }
  return times;
}

test("a check that goes well is asked once in its interval, at the moment that its path has in it", () => {
  assert.deepEqual(
    timesAsked(() => good, 95_000),
    [100, 42_000, 72_000],
  );
});

test("a failure is asked again after a second, and then more and more seldom, but no more so than what goes well", () => {
  const times = timesAsked(() => silent, 130_000);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.deepEqual(gaps.slice(0, 6), [1_100, 2_000, 4_000, 8_000, 16_000, 30_000]);
});

test("one failure is not believed, two are, and a good answer ends both", () => {
  const once = withResult(fresh(), silent, millis(1));
  const twice = withResult(once, silent, millis(2));
  assert.deepEqual([isBelieved(once), isBelieved(twice)], [false, true]);
  assert.equal(isGood(withResult(twice, good, millis(3))), true);
});

test("what says nothing of the path changes nothing of what is believed", () => {
  const twice = withResult(withResult(fresh(), silent, millis(1)), silent, millis(2));
  const skipped = withResult(twice, { kind: "skipped", detail: "the name did not resolve" }, millis(3));
  assert.equal(isBelieved(skipped), true);
  assert.equal(isGood(withResult(fresh(), { kind: "unsent", cause: "busy", detail: "" }, millis(1))), false);
});

test("a resolver that fails is no good answer, one that knows no such name is", () => {
  const resolved = (rcode: number): ProbeResult => ({ kind: "resolved", rtt: millis(5), rcode, addresses: [] });
  assert.deepEqual(
    [0, 3, 2, 5].map((rcode) => isGood(withResult(fresh(), resolved(rcode), millis(1)))),
    [true, true, false, false],
  );
});

test("an interception is told when it was seen twice in a row", () => {
  const intercepted: ProbeResult = { kind: "intercepted", detail: "302" };
  const once = withResult(fresh(), intercepted, millis(1));
  assert.equal(interception(once), undefined);
  assert.equal(interception(withResult(once, intercepted, millis(2))), "302");
});

test("an echo without a reply is silent when its limit has passed, since nobody else will say so", () => {
  const echo = { ...plan, kind: "echo", question: { kind: "echo", target: ip("198.18.0.1") } } as const;
  const out = asked(fresh(echo), 1, millis(100));
  assert.equal(isDue(out, millis(7_000), false), false);
  assert.equal(isDue(out, millis(42_000), false), true);
  assert.equal(asked(out, 2, millis(42_000)).failures, 1);
});

test("evidence stays with its question when plans change", () => {
  const known = withResult(fresh(), good, millis(1));
  const [kept, added] = reconciled(
    [known],
    [
      { ...plan, interval: millis(5) },
      { ...plan, key: "tcp t2" },
    ],
    millis(50),
  );
  assert.deepEqual([kept?.last, kept?.plan.interval], [known.last, 5]);
  assert.deepEqual([added?.last, added?.nextAt], [undefined, 150]);
});
