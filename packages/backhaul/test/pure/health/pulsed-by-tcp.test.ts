/** Networks that swallow ICMP, and those that begin or cease to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dead, good, type Line, Rig } from "./rig.ts";

function withoutIcmp(rtt: number): Line {
  return (question, at) =>
    question.kind === "echo" || question.kind === "mtu" ? dead(question, at) : good(rtt)(question, at);
}

const handshakes = (rig: Rig) => rig.asked.filter(({ request: { question } }) => question.kind === "tcp").length;

test("where ICMP is blocked from the start the path is up, pulsed by TCP, and its death is found all the same", () => {
  const rig = new Rig("fast");
  rig.line = withoutIcmp(10);
  rig.run(60_000);
  assert.equal(rig.verdict.state, "up");
  const pulses = rig.asked.filter(({ at, request }) => at > 50_000 && request.question.kind === "tcp");
  assert.ok(pulses.length <= 2 * 11 + 4, "no more than one handshake a second with each target");
  rig.line = dead;
  assert.ok(rig.runUntil(({ verdict }) => verdict.state === "down", 20_000) < 4_000);
});

for (const profile of ["fast", "normal", "eco"] as const) {
  for (const rtt of [10, 300, 600]) {
    test(`in ${profile}, ${rtt} ms away, a network that swallows ICMP is up within five minutes, and stays so`, () => {
      const rig = new Rig(profile);
      rig.line = withoutIcmp(rtt);
      rig.run(300_000);
      const usable = rtt > 400 ? "degraded" : "up";
      assert.equal(rig.verdict.state, usable);
      const { length } = rig.states;
      rig.run(600_000);
      assert.deepEqual(rig.states.slice(length), []);
    });
  }
}

test("a burst of handshakes is no flood, though the profile is fast", () => {
  const rig = new Rig("fast");
  rig.line = withoutIcmp(10);
  rig.run(60_000);
  rig.line = dead;
  const before = handshakes(rig);
  rig.runUntil(({ verdict }) => verdict.state === "down", 20_000);
  assert.ok(handshakes(rig) - before < 2 * 30, `${handshakes(rig) - before} handshakes`);
});

test("when ICMP passes again the path is pulsed by it again, within a minute, with no change of state", () => {
  const rig = new Rig();
  rig.line = withoutIcmp(10);
  rig.run(60_000);
  const { length } = rig.states;
  rig.line = good();
  const took = rig.runUntil(({ health }) => health.pulses.targets.every(({ by }) => by === "echo"), 120_000);
  assert.ok(took < 60_000, `${took} ms`);
  rig.run(60_000);
  assert.deepEqual(rig.states.slice(length), []);
});

test("a path that died and is back is pulsed by ICMP, though TCP was the first to answer", () => {
  for (const profile of ["fast", "normal"] as const) {
    const rig = new Rig(profile).run(20_000);
    rig.line = dead;
    rig.run(60_000);
    rig.line = withoutIcmp(10);
    rig.runUntil(({ health }) => !health.isSilent, 60_000);
    rig.line = good();
    rig.run(5_000);
    assert.ok(
      rig.health.pulses.targets.some(({ by }) => by === "echo"),
      profile,
    );
  }
});
