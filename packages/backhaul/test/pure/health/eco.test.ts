/** Uplinks where every byte costs: rare pulses, and what the interface counts besides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "@ropewalk/backhaul/pure/health/cost";
import { dead, good, type Line, Rig } from "./rig.ts";

const day = 86_400_000;

/** Octets of everything asked in two hours, as a day of them. */
function costOfDay(line: Line): number {
  const rig = new Rig("eco").run(600_000);
  let cost = 0;
  rig.line = (question, at) => {
    const answer = line(question, at);
    const isAnswered = answer !== undefined && answer.result.kind !== "silent";
    cost += isAnswered || !("port" in question) ? bytesOf(question, rig.health.path) : tries;
    return answer;
  };
  rig.run(3_600_000);
  cost = 0;
  rig.run(day / 12);
  return 12 * cost;
}

/** Of a connection that does not come about: three SYN. */
const tries = 180;

test("in eco traffic that gets no answer finds a dead uplink within two seconds", () => {
  const rig = new Rig("eco");
  let sent = 0;
  let received = 0;
  const flow = (isAnswered: boolean, duration: number) => {
    for (let passed = 0; passed < duration; passed += 50) {
      sent += 5;
      if (isAnswered) received += 5;
      rig.counts = { sentPackets: sent, receivedPackets: received, receivedBytes: received * 500 };
      rig.run(50);
    }
  };
  flow(true, 70_000);
  rig.line = dead;
  const before = rig.now;
  flow(false, 2_000);
  assert.equal(rig.verdict.state, "down");
  const found = rig.states.at(-1)?.at ?? 0;
  assert.ok(found - before <= 2_000, `${found - before} ms`);
});

test("in eco traffic that goes one way only costs a burst now and then, not one a second", () => {
  const rig = new Rig("eco").run(10_000);
  const before = rig.asked.length;
  let sent = 0;
  for (let passed = 0; passed < 600_000; passed += 250) {
    sent += 10;
    rig.counts = { sentPackets: sent, receivedPackets: 0, receivedBytes: 0 };
    rig.run(250);
  }
  assert.equal(rig.verdict.state, "up");
  assert.ok(rig.asked.length - before < 100, `${rig.asked.length - before} probes in ten minutes`);
});

test("a day costs less than a megabyte, also where ICMP, TCP or everything is blocked", () => {
  const blocked =
    (...kinds: readonly string[]): Line =>
    (question, at) =>
      kinds.includes(question.kind) ? dead(question, at) : good()(question, at);
  for (const line of [good(), blocked("echo", "mtu"), blocked("tcp", "tls", "http"), blocked("dns"), dead]) {
    const cost = costOfDay(line);
    assert.ok(cost < 1_000_000, `${cost} octets`);
  }
});

test("an idle uplink that dies is found by its pulses, within a pulse and two seconds", () => {
  const rig = new Rig("eco").run(600_000);
  rig.line = dead;
  assert.ok(rig.runUntil(({ verdict }) => verdict.state === "down", 300_000) < 2 * 60_000 + 3_000);
  const lastPulse = rig.asked.findLast(({ at }) => at < rig.now - 1_500)?.at ?? 0;
  assert.ok(rig.now - lastPulse < 2_500);
});

test("one lost pulse costs a burst of two rounds at most, and harms nobody", () => {
  const rig = new Rig("eco").run(600_000);
  rig.asked.length = 0;
  let isLost = true;
  rig.line = (question, at) => {
    if (question.kind !== "echo" || !isLost) return good()(question, at);
    isLost = false;
    return undefined;
  };
  rig.run(120_000);
  assert.deepEqual(
    rig.states.map(({ state }) => state),
    ["probing", "up"],
  );
  assert.ok(rig.asked.filter(({ request: { question } }) => question.kind === "echo").length <= 3 + 4);
});

test("what the machine sent in vain while its uplink was dead costs no burst when it is back", () => {
  const rig = new Rig("eco").run(70_000);
  rig.line = dead;
  let sent = 0;
  const send = (duration: number) => {
    for (let passed = 0; passed < duration; passed += 250) {
      sent += 3;
      rig.counts = { sentPackets: sent, receivedPackets: 0, receivedBytes: 0 };
      rig.run(250);
    }
  };
  send(120_000);
  assert.equal(rig.verdict.state, "down");
  rig.line = good();
  rig.runUntil(({ verdict }) => verdict.state !== "down", 180_000);
  rig.asked.length = 0;
  rig.run(900);
  const pulses = rig.asked.filter(
    ({ request: { question } }) => question.kind === "echo" && question.target !== "198.18.0.1",
  );
  assert.ok(pulses.length <= 1, `${pulses.length} pulses`);
});
