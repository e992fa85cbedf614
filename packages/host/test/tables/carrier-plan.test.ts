/** Whose carrier is polled, and how often. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { planCarrierPolls } from "../../src/linux/carrier-plan.ts";

const nobody: ReadonlySet<number> = new Set();

function network(links: number) {
  const clock = new FakeClock();
  const fake = new FakeNetwork(clock);
  const indexes = Array.from({ length: links }, (_, index) => fake.addLink({ name: `eth${index}` }).ifindex);
  return { clock, fake, indexes, plan: (closely = nobody) => planCarrierPolls(fake.facts, closely, clock.now()) };
}

test("all enabled links are polled slowly, but not loopback", () => {
  const { fake, indexes, plan } = network(3);
  fake.addLink({ name: "lo", hardwareType: 772 });
  fake.addLink({ name: "off0", isEnabled: false, hasCarrier: false });
  assert.deepEqual(plan(), { close: [], slow: indexes, validUntil: Number.POSITIVE_INFINITY });
});

test("a link that is named is polled closely, and only so", () => {
  const { indexes, plan } = network(3);
  const [first = 0, ...others] = indexes;
  assert.deepEqual([plan(new Set([first, 999])).close, plan(new Set([first])).slow], [[first], others]);
});

test("a link whose carrier changed is polled closely for ten seconds", () => {
  const { clock, fake, indexes, plan } = network(2);
  clock.advance(seconds(100));
  fake.setCarrier(indexes[0] ?? 0, false);
  assert.deepEqual(plan().close, [indexes[0]]);
  assert.equal(plan().validUntil, seconds(110));
  clock.advance(millis(9999));
  assert.deepEqual(plan().close, [indexes[0]]);
  clock.advance(millis(1));
  assert.deepEqual(plan().close, []);
});

test("of hundreds of links that changed the 64 latest are polled closely, and of the rest those with a route slowly", () => {
  const { clock, fake, indexes, plan } = network(200);
  for (const ifindex of indexes) {
    clock.advance(millis(1));
    fake.setCarrier(ifindex, false);
  }
  fake.addRoute({ ifindex: indexes[7] ?? 0, via: "192.0.2.1" });
  assert.deepEqual(new Set(plan().close), new Set(indexes.slice(-64)));
  assert.deepEqual(plan().slow, [indexes[7]]);
});
