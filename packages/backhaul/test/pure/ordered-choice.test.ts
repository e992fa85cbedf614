/** What an operator's order makes of the choice, and in which words it is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate } from "@ropewalk/backhaul/pure/candidate";
import { as, Chooser, candidate, unplugged, up } from "./choice-fixture.ts";

const pinned = { order: "pinned" } as const;
const used = { order: "used" } as const;
const drained = { order: "drained" } as const;
const good = candidate("good", up(1_000));
const poor = (changes: Partial<Candidate>) => candidate("poor", { ...up(500), ...changes });
const down = as("silent", "nothing answers");

test("a pinned uplink is taken at once and stays, however much better another is", () => {
  const chooser = new Chooser();
  assert.equal(chooser.ask(good, poor({})), "good");
  assert.equal(chooser.ask(good, poor(pinned)), "poor");
  assert.equal(chooser.last?.switched?.because, "poor is pinned");
  assert.equal(chooser.after(3_600, good, poor(pinned)), "poor");
  assert.equal(chooser.last?.deadline, undefined);
  assert.equal(chooser.last?.decision.order, "pinned");
  assert.equal(chooser.reason, "poor is pinned by the operator");
  assert.equal(chooser.rejection("good"), "poor is pinned");
});

test("a pin holds a dead uplink, and says so as loudly as it can", () => {
  const chooser = new Chooser();
  chooser.ask(good, poor(pinned));
  assert.equal(chooser.after(60, good, poor({ ...pinned, ...down })), "poor");
  assert.equal(
    chooser.reason,
    "poor is pinned, and nothing else is tried before it is released, though poor is down: nothing answers",
  );
});

test("while a pinned uplink cannot be used the usual rules choose, and it is back at once", () => {
  const chooser = new Chooser();
  chooser.ask(good, poor(pinned));
  assert.equal(chooser.ask(good, poor({ ...pinned, ...unplugged })), "good");
  assert.equal(chooser.last?.decision.order, null);
  assert.equal(chooser.rejection("poor"), "no-carrier; poor is pinned, and taken as soon as it can be used");
  assert.equal(chooser.ask(good, poor({ ...pinned, ...as("returning") })), "poor");
});

test("a drained uplink is left at once for one that carries, and never taken while that carries", () => {
  const chooser = new Chooser();
  assert.equal(chooser.ask(good, poor({})), "good");
  const spared = candidate("good", { ...up(1_000), ...drained });
  assert.equal(chooser.ask(spared, poor({})), "poor");
  assert.equal(chooser.last?.switched?.because, "good is drained");
  assert.equal(chooser.after(3_600, spared, poor({})), "poor");
  assert.equal(chooser.reason, "poor is the only uplink with carrier, address and route that is not drained");
  assert.equal(chooser.rejection("good"), "good is drained");
  assert.equal(chooser.last?.decision.order, null);
});

test("a drained uplink is the last resort: it is used while no other is as good, and left when one is", () => {
  const chooser = new Chooser();
  const spared = candidate("good", { ...up(1_000), ...drained });
  assert.equal(chooser.ask(spared, poor(down)), "good");
  assert.equal(chooser.last?.decision.order, "drained-last-resort");
  assert.equal(chooser.reason, "good is drained, and used all the same for want of a better one");
  assert.equal(chooser.ask(spared, poor(as("returning"))), "good", "what may carry is not as good as what does");
  assert.equal(chooser.ask(spared, poor({})), "poor");
  assert.equal(chooser.ask(candidate("good", { ...down, ...drained }), poor(down)), "poor", "neither is any good");
});

test("while nothing is measured a drained uplink is not used either", () => {
  const chooser = new Chooser();
  assert.equal(chooser.ask(candidate("eth0", drained), candidate("wlan0", { kind: "wifi" })), "wlan0");
  assert.equal(chooser.ask(candidate("eth0", drained), candidate("wlan0", unplugged)), "eth0");
  assert.match(chooser.rejection("wlan0") ?? "", /no-carrier/);
});

test("who is ordered to be used is taken at once and left for nothing that is only better or liked better", () => {
  const chooser = new Chooser();
  assert.equal(chooser.ask(good, poor({})), "good");
  assert.equal(chooser.ask(good, poor(used)), "poor");
  assert.equal(chooser.last?.switched?.because, "the operator ordered poor to be used");
  assert.equal(chooser.after(3_600, good, poor({ ...used, metered: true })), "poor");
  assert.equal(chooser.state.used, poor({}).uplinkId);
  assert.equal(chooser.last?.decision.order, "used");
  assert.equal(chooser.reason, "poor is used by the operator's order, until it fails");
  assert.equal(chooser.rejection("good"), "the operator ordered poor to be used");
});

test("who is used by order is left at once when it is dead, and the order ends with that", () => {
  const chooser = new Chooser();
  chooser.ask(good, poor(used));
  assert.equal(chooser.after(60, good, poor({ ...used, ...down })), "good");
  assert.equal(chooser.last?.switched?.because, "poor is down: nothing answers");
  assert.equal(chooser.state.used, undefined);
});

test("who is used by order and limps is left when another was up for as long as it must, and the order ends", () => {
  const chooser = new Chooser();
  chooser.ask(good, poor(used));
  const limping = poor({ ...used, ...as("dns-blocked", "no resolver answers") });
  assert.equal(chooser.ask(good, limping), "poor");
  assert.match(
    chooser.reason,
    /^poor is used by the operator's order: good is up, poor is degraded: .* takes over once/,
  );
  assert.equal(chooser.after(2, good, limping), "good");
  assert.equal(chooser.state.used, undefined);
});

test("who is used by order stays while nothing is known of it, and when every other is as dead", () => {
  const chooser = new Chooser();
  const liked = candidate("eth0");
  const wifi = (changes: Partial<Candidate>) => candidate("wlan0", { kind: "wifi", ...used, ...changes });
  assert.equal(chooser.ask(liked, wifi({})), "wlan0");
  assert.equal(chooser.after(60, liked, wifi({})), "wlan0");
  assert.equal(chooser.after(60, good, wifi({})), "wlan0", "not measured is not failed");
  const dead = candidate("eth0", down);
  assert.equal(chooser.ask(dead, wifi(down)), "wlan0");
  assert.match(chooser.reason, /until it fails; wlan0 is down: nothing answers/);
});

test("who would be left at once is not taken by order", () => {
  const chooser = new Chooser();
  chooser.ask(good, poor({}));
  assert.equal(chooser.ask(good, poor({ ...used, ...down })), "good");
  assert.equal(chooser.state.used, undefined);
});
