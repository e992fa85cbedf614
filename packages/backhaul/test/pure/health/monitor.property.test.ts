/** Whatever happens to paths: their health keeps its bounds, and calm leads all of them back to up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthConfig } from "@ropewalk/backhaul/pure/health/health-config";
import type { PathHealth, PathSubject } from "@ropewalk/backhaul/pure/health/path-health";
import type { ProbeQuestion, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { stateOf } from "@ropewalk/backhaul/pure/reasons";
import { bytes, millis } from "@ropewalk/kernel/units";
import { dead, good, healthConfig, ip, type Line, Rig, rightAnswer, subject } from "./rig.ts";

type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const oddities: readonly ProbeResult[] = [
  { kind: "refused", detail: "ECONNREFUSED" },
  { kind: "intercepted", detail: "CN=portal" },
  { kind: "limited", size: bytes(1_200) },
  { kind: "skipped", detail: "the name did not resolve" },
  { kind: "unsent", cause: "unreachable", detail: "ENETUNREACH" },
  { kind: "unsent", cause: "no-privilege", detail: "EPERM" },
  { kind: "unsent", cause: "busy", detail: "EMFILE" },
  { kind: "resolved", rtt: millis(9), rcode: 2, addresses: [] },
  { kind: "resolved", rtt: millis(9), rcode: 0, addresses: [ip("10.0.0.1")] },
];

/** A line that loses, delays and lies by chance; each has a temper of its own. */
function badLine(random: Random): Line {
  const [loss, odd, rtt, spread] = [random(60), random(30), random(800), random(3_000)];
  const blocked = ["none", "echo", "tcp", "dns", "all"][random(5)];
  return (question: ProbeQuestion, at: number) => {
    const isBlocked = blocked === "all" || question.kind === blocked;
    if (isBlocked || random(100) < loss) return dead(question, at);
    const after = rtt + random(spread + 1);
    const oddity = oddities[random(oddities.length)];
    return random(100) < odd && oddity ? { after, result: oddity } : { after, result: rightAnswer(question, after) };
  };
}

const profiles = ["fast", "normal", "eco"] as const;

function someSubjects(random: Random): readonly PathSubject[] {
  const all = ["wan0", "wan1", "wan2"].map((name, index) => {
    const { path, ...rest } = subject({ name, slot: index + 1, profile: profiles[random(3)] ?? "fast" });
    const source = ip(`198.18.${random(2)}.2`);
    const gateway = random(4) === 0 ? null : path.gateway;
    return { ...rest, resolvers: random(3) === 0 ? [] : rest.resolvers, path: { ...path, source, gateway } };
  });
  return all.filter(() => random(4) > 0);
}

const configs: readonly HealthConfig[] = [
  healthConfig(),
  healthConfig({ probe: { require: 2 } }),
  healthConfig({ probe: { http: { enabled: false }, dns: { enabled: false } }, damping: { enabled: false } }),
  healthConfig({ probe: { target: [{ name: "only", address: "203.0.113.1" }] }, quality: { loss_above: 0 } }),
];

function disturb(rig: Rig, random: Random): void {
  switch (random(8)) {
    case 0:
      rig.follow(...someSubjects(random));
      break;
    case 1:
      rig.reconfigure(configs[random(configs.length)] ?? healthConfig());
      break;
    case 2:
      rig.stop(random(6_000));
      break;
    case 3:
      rig.counts = { sentPackets: random(1_000), receivedPackets: random(1_000), receivedBytes: random(99_999) };
      break;
    case 4:
      rig.line = good(random(300));
      break;
    default:
      rig.lines.set(`wan${random(3)}`, badLine(random));
  }
}

function assertBounds(rig: Rig): void {
  const { paths, verdicts, wakeAt, past } = rig.state;
  assert.equal(wakeAt === undefined, paths.size === 0);
  assert.deepEqual([...verdicts.keys()], [...paths.keys()]);
  assert.ok([...past.keys()].every((key) => !paths.has(key)));
  for (const { state, reason } of verdicts.values()) assert.equal(stateOf(reason.code), state);
  for (const health of paths.values()) assertPathBounds(health, rig.now);
}

function assertPathBounds(
  { pulses, burst, isSilent, hasHeard, heardAt, nextAt, checks }: PathHealth,
  now: number,
): void {
  assert.ok(heardAt <= now && nextAt < now + 120_000, `heard at ${heardAt}, next at ${nextAt}, now ${now}`);
  assert.ok(burst === undefined || (hasHeard && !isSilent));
  assert.ok(pulses.inFlight.length <= 1_100 && pulses.inFlight.every(({ target }) => target < pulses.targets.length));
  const addresses = [...pulses.targets.map(({ target }) => target), ...pulses.spare].map(({ address }) => address);
  assert.equal(new Set(addresses).size, addresses.length, "no target is lost, and none is there twice");
  for (const { window, misses } of pulses.targets) assert.ok(window.buckets.length <= 12 && misses >= 0);
  assert.equal(new Set(checks.map(({ plan }) => plan.key)).size, checks.length);
}

for (let seed = 1; seed <= 9; seed += 1) {
  test(`after two minutes of chaos and half an hour of calm every path is up (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const rig = new Rig();
    for (let time = 0; time < 60; time += 1) {
      disturb(rig, random);
      rig.run(random(4_000));
      assertBounds(rig);
    }
    rig.lines.clear();
    rig.line = good(20);
    rig.counts = undefined;
    // In eco half an hour is some fifteen pulses: what they had counted before would still be told.
    const profile = profiles[seed % 3] ?? "fast";
    if (profile === "eco") rig.reconfigure(healthConfig());
    rig.follow(...["wan0", "wan1"].map((name, index) => subject({ name, slot: index + 1, profile })));
    rig.run(profile === "fast" ? 180_000 : 1_800_000);
    assertBounds(rig);
    for (const { state, reason } of rig.state.verdicts.values())
      assert.deepEqual([state, reason.code], ["up", "healthy"]);
    const ids = rig.asked.map(({ request }) => request.id);
    assert.equal(new Set(ids).size, ids.length, "no two probes have one id");
  });
}
