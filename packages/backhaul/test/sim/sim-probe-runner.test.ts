/** The simulated runner, held to what the pure part may count on, and its conversations to what TCP and resolvers do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeOutcome, ProbePath, ProbeQuestion } from "@ropewalk/backhaul/pure/health/probe";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkProfile } from "@ropewalk/simnet/link-profile";
import { cut, heal, SimInternet } from "./internet.ts";
import { SimProbeRunner } from "./sim-probe-runner.ts";

const target = ipAddress("1.1.1.1");
const page = ipAddress("8.8.8.8");
const tenMillis: LinkProfile = { delay: millis(10) };

function createRig(profile: LinkProfile = tenMillis) {
  const internet = new SimInternet(1, [target, page]);
  const uplink = internet.addUplink("wan0", { there: profile, back: profile });
  const heard: { at: number; outcome: ProbeOutcome }[] = [];
  const runner = new SimProbeRunner(internet, (outcome) => void heard.push({ at: internet.now, outcome }));
  const path: ProbePath = {
    uplinkId: "wan0" as UplinkId,
    name: "wan0",
    ifindex: 2,
    family: "ipv4",
    source: uplink.ipv4.source,
    gateway: uplink.ipv4.gateway,
    mark: 1,
    mtu: bytes(1_500),
  };
  runner.follow([path]);
  let id = 0;
  return {
    internet,
    uplink,
    heard,
    runner,
    ask(question: ProbeQuestion, limit = seconds(10)) {
      id += 1;
      runner.run({ id, path, question, limit });
      assert.deepEqual(
        heard.slice(-1).filter(({ outcome }) => outcome.id === id),
        [],
        "never before run has returned",
      );
      return id;
    },
    results: () => heard.map(({ outcome }) => [outcome.id, outcome.result.kind]),
  };
}

const questions = (resolver: ReturnType<typeof ipAddress>): readonly ProbeQuestion[] => [
  { kind: "echo", target },
  { kind: "tcp", target, port: 443 },
  { kind: "dns", resolver, transport: "udp", name: "dns.google", record: "A" },
  { kind: "dns", resolver, transport: "tcp", name: "dns.google", record: "A" },
  { kind: "tls", target, port: 443, serverName: "one.one.one.one" },
  { kind: "http", url: "http://example.com/", status: 204, body: "", resolvers: [resolver] },
  { kind: "mtu", target, size: bytes(1_500) },
];

test("on a good path every question is answered, after its own number of round trips", () => {
  const rig = createRig();
  for (const question of questions(rig.uplink.ipv4.resolver)) rig.ask(question);
  rig.internet.net.run(seconds(20));
  assert.deepEqual(
    rig.heard.toSorted((a, b) => a.outcome.id - b.outcome.id).map(({ at, outcome }) => [outcome.result.kind, at]),
    [
      ["answered", 20],
      ["answered", 20],
      ["resolved", 20],
      ["resolved", 40],
      ["answered", 60],
      ["answered", 60],
      ["answered", 20],
    ],
  );
  for (const { outcome } of rig.heard) assert.ok(outcome.traffic.sent > 0 && outcome.traffic.received > 0);
});

test("what is reported as traffic is what crossed the wire", () => {
  for (const question of questions(createRig().uplink.ipv4.resolver)) {
    const rig = createRig();
    rig.ask(question);
    rig.internet.net.run(seconds(20));
    const { there, back } = rig.uplink.wire;
    const [entry] = rig.heard;
    assert.deepEqual(
      entry?.outcome.traffic,
      { sent: there.counts.sentBytes, received: back.counts.deliveredBytes },
      question.kind,
    );
  }
});

test("on a dead path each has one outcome at its limit, and an echo none", () => {
  const rig = createRig();
  cut(rig.uplink);
  for (const question of questions(rig.uplink.ipv4.resolver)) rig.ask(question, seconds(6));
  rig.internet.net.run(seconds(60));
  assert.deepEqual(
    rig.results().toSorted(([a], [b]) => Number(a) - Number(b)),
    [
      [2, "silent"],
      [3, "silent"],
      [4, "skipped"],
      [5, "skipped"],
      [6, "skipped"],
      [7, "silent"],
    ],
  );
  assert.ok(rig.heard.every(({ at }) => at === 6_000));
});

test("a lost SYN is sent again after one second, and another after three", () => {
  for (const [deadFor, expected] of [
    [500, 1_020],
    [2_000, 3_020],
  ] as const) {
    const rig = createRig();
    cut(rig.uplink);
    rig.ask({ kind: "tcp", target, port: 443 });
    rig.internet.net.time.after(millis(deadFor), () => heal(rig.uplink));
    rig.internet.net.run(seconds(10));
    assert.equal(rig.heard[0]?.at, expected);
  }
});

test("with a tenth of all packets lost every conversation still ends as it should", () => {
  const rig = createRig({ delay: millis(10), loss: { kind: "random", share: 0.1 } });
  for (let round = 0; round < 100; round += 1) {
    for (const question of questions(rig.uplink.ipv4.resolver))
      if (question.kind !== "echo") rig.ask(question, seconds(60));
    rig.internet.net.run(seconds(60));
  }
  const bad = rig.heard.filter(({ outcome: { result } }) => result.kind !== "answered" && result.kind !== "resolved");
  assert.deepEqual(bad, []);
  assert.equal(rig.heard.length, 600);
});

test("a path that takes only smaller packets is found limited to their size, unless chance alone lost the large ones", () => {
  const rig = createRig({ delay: millis(10), mtu: bytes(1_200), whenTooLarge: "vanish" });
  rig.ask({ kind: "mtu", target, size: bytes(1_500) }, seconds(15));
  rig.internet.net.run(seconds(20));
  assert.deepEqual(rig.heard[0]?.outcome.result, { kind: "limited", size: 1_200 });
});

test("nothing is heard of a path that is followed no more, and nothing can be sent on it", () => {
  const rig = createRig();
  for (const question of questions(rig.uplink.ipv4.resolver)) rig.ask(question);
  rig.runner.follow([]);
  const id = rig.ask({ kind: "echo", target });
  rig.internet.net.run(seconds(30));
  assert.deepEqual(rig.results(), [[id, "unsent"]]);
});

test("replies that come during a stall are heard when it ends; echoes know when they came, what TCP and UDP do not", () => {
  const rig = createRig();
  rig.ask({ kind: "echo", target });
  rig.ask({ kind: "tcp", target, port: 443 });
  rig.internet.site.clock.stall(seconds(2));
  rig.internet.net.run(seconds(5));
  assert.deepEqual(
    rig.heard.map(({ at, outcome: { result } }) => [at, result]),
    [
      [2_000, { kind: "answered", rtt: 20 }],
      [2_000, { kind: "answered", rtt: 2_000 }],
    ],
  );
});
