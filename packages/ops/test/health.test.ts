/** Health: the whole is as well as its worst part. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";

test("the program is not ready until every subsystem has reported, and well meanwhile", () => {
  const health = new HealthRegistry({ clock: new FakeClock() });
  const uplinks = health.subsystem("uplinks");
  const api = health.subsystem("api");
  uplinks.healthy();
  assert.deepEqual([health.snapshot().state, health.snapshot().ready], ["healthy", false]);
  api.healthy();
  assert.equal(health.snapshot().ready, true);
});

test("the worst state counts: healthy, degraded, draining, unhealthy", () => {
  const health = new HealthRegistry({ clock: new FakeClock() });
  const [a, b, c] = [health.subsystem("a"), health.subsystem("b"), health.subsystem("c")];
  for (const one of [a, b, c]) one.healthy();
  const seen = () => [health.snapshot().state, health.snapshot().ready];
  a.report("degraded", "one uplink of two");
  assert.deepEqual(seen(), ["degraded", true]);
  b.report("draining", "stopping");
  assert.deepEqual(seen(), ["draining", false]);
  c.report("unhealthy", "no netlink");
  assert.deepEqual(seen(), ["unhealthy", false]);
  c[Symbol.dispose]();
  b[Symbol.dispose]();
  a.healthy();
  assert.deepEqual(seen(), ["healthy", true]);
});

test("a state is dated to its change, not to its last report", () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const health = new HealthRegistry({ clock });
  const one = health.subsystem("one");
  one.report("degraded", "slow");
  clock.advance(seconds(5));
  one.report("degraded", "slow");
  assert.equal(health.snapshot().subsystems[0]?.since, "2026-01-01T00:00:00.000Z");
  one.report("degraded", "slower");
  assert.deepEqual(health.snapshot().subsystems, [
    { name: "one", state: "degraded", reason: "slower", since: "2026-01-01T00:00:05.000Z" },
  ]);
});

test("a name that is taken is a defect", () => {
  const health = new HealthRegistry({ clock: new FakeClock() });
  health.subsystem("one");
  assert.throws(() => health.subsystem("one"), /reports its health twice/);
});
