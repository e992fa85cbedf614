/** The runner: on which paths it asks, how much at once, and that everything it began ends when it must. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbePath, ProbeQuestion } from "@ropewalk/backhaul/pure/health/probe";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { bytes, seconds } from "@ropewalk/kernel/units";
import { framed, respond } from "./dns-peers.ts";
import { ProbeRig, paths, target } from "./probe-rig.ts";

const silent = ipAddress("203.0.113.9");
const echo = { kind: "echo", target: target.ipv4 } as const;
const everyKind: readonly ProbeQuestion[] = [
  { kind: "tcp", target: silent, port: 443 },
  { kind: "dns", resolver: silent, transport: "udp", name: "probe.test", record: "A" },
  { kind: "dns", resolver: silent, transport: "tcp", name: "probe.test", record: "A" },
  { kind: "tls", target: silent, port: 443, serverName: "probe.test" },
  { kind: "http", url: `http://${silent}/`, status: 204, body: "", resolvers: [] },
  { kind: "http", url: "http://probe.test/", status: 204, body: "", resolvers: [silent] },
  { kind: "mtu", target: silent, size: bytes(1_500) },
];
const otherPaths: Readonly<Record<string, ProbePath>> = {
  "a new interface": { ...paths.ipv4, ifindex: 21 },
  "a rename": { ...paths.ipv4, name: "eth7" },
  "a renumbering": { ...paths.ipv4, source: ipAddress("198.18.0.77") },
  "another gateway": { ...paths.ipv4, gateway: ipAddress("198.18.0.1") },
  "another mark": { ...paths.ipv4, mark: 0x200 },
};

function name(question: ProbeQuestion): string {
  return `${question.kind}${"transport" in question ? ` over ${question.transport}` : ""}`;
}

for (const question of everyKind) {
  test(`${name(question)}: when nobody answers, that is told at the limit and everything is closed`, async () => {
    await using rig = new ProbeRig();
    const id = rig.ask(question, seconds(3));
    await rig.pass(2_900);
    assert.equal(rig.isTold(id), false);
    await rig.pass(200);
    const { kind } = rig.result(id);
    assert.equal(kind, question.kind === "tls" || question.kind === "http" ? "skipped" : "silent");
    assert.equal(rig.sockets.openCount, 0);
    assert.ok(rig.outcome(id).traffic.sent > 0);
  });

  test(`${name(question)}: what the kernel has no route for is unsent`, async () => {
    await using rig = new ProbeRig();
    using _refusal = rig.network.fail(() => true, 101);
    const result = await rig.now(question);
    assert.ok(result.kind === "unsent" && result.cause === "unreachable", JSON.stringify(result));
    assert.deepEqual(rig.outcomes[0]?.traffic, { sent: 0, received: 0 });
  });

  test(`${name(question)}: on an interface that is gone it is unsent`, async () => {
    await using rig = new ProbeRig();
    rig.network.removeLink(2);
    const result = await rig.now(question);
    assert.ok(result.kind === "unsent" && result.cause === "path-gone", JSON.stringify(result));
  });

  test(`${name(question)}: ends at once when its path goes, and is told so`, async () => {
    await using rig = new ProbeRig();
    const id = rig.ask(question);
    await rig.pass(100);
    rig.runner.follow([paths.ipv6]);
    await rig.pass(1);
    const result = rig.result(id);
    assert.ok(result.kind === "unsent" && result.cause === "path-gone");
    assert.equal(rig.sockets.openCount, 0);
    await rig.pass(10_000);
    assert.equal(rig.outcomes.length, 1);
  });
}

test("an answer that is read just after the limit is heard: it came while this process stood still", async () => {
  await using rig = new ProbeRig();
  const answer = Promise.withResolvers<() => void>();
  rig.network.onConnection({ address: target.ipv4, port: 53 }, (stream) =>
    stream.once("data", (query) =>
      answer.resolve(() => stream.write(framed(respond(query.subarray(2), { rcode: 3 })))),
    ),
  );
  const question = { kind: "dns", resolver: target.ipv4, transport: "tcp", name: "probe.test", record: "A" } as const;
  const id = rig.ask(question, seconds(3));
  const say = await answer.promise;
  // Timers come first when the event loop turns again, then what there is to read.
  rig.clock.advance(seconds(10));
  say();
  await rig.pass(0);
  assert.equal(rig.result(id).kind, "resolved");
});

test("disposing ends everything, and nothing more is told", async () => {
  const rig = new ProbeRig();
  rig.network.onEcho(target.ipv4, () => [{ after: seconds(1) }]);
  rig.ask(echo);
  for (const question of everyKind) rig.ask(question);
  await rig.pass(100);
  assert.ok(rig.sockets.openCount > 3);
  await rig[Symbol.asyncDispose]();
  rig.ask(echo);
  await rig.pass(10_000);
  assert.deepEqual(rig.outcomes, []);
});

test("disposing in the moment of asking leaves nothing open", async () => {
  const rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  rig.ask(echo);
  for (const question of everyKind) rig.ask(question);
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.outcomes, []);
});

for (const [what, other] of Object.entries(otherPaths)) {
  test(`${what} makes another path: its socket is closed, what waited is not heard`, async () => {
    await using rig = new ProbeRig();
    rig.network.onEcho(target.ipv4, () => [{ after: seconds(1) }]);
    const waiting = rig.ask(echo);
    await rig.pass(0);
    assert.equal(rig.sockets.openCount, 1);
    rig.runner.follow([other]);
    await rig.pass(2_000);
    assert.equal(rig.sockets.openCount, 0);
    assert.equal(rig.isTold(waiting), false);
    const result = await rig.now(echo);
    assert.ok(result.kind === "unsent" && result.cause === "path-gone", "the path as it was is none any more");
  });
}

test("another MTU is no other path", async () => {
  await using rig = new ProbeRig();
  rig.network.onEcho(target.ipv4, () => [{ after: seconds(1) }]);
  const waiting = rig.ask(echo);
  await rig.pass(0);
  rig.runner.follow([{ ...paths.ipv4, mtu: bytes(1_400) }]);
  await rig.pass(1_000);
  assert.equal(rig.result(waiting).kind, "answered");
});

test("a path that nobody follows is asked nothing", async () => {
  await using rig = new ProbeRig();
  rig.runner.follow([]);
  const result = await rig.now(echo);
  assert.ok(result.kind === "unsent" && result.cause === "path-gone");
});

test("outcomes come after the call that asked, also of what fails at once", async () => {
  await using rig = new ProbeRig();
  rig.network.removeLink(2);
  rig.network.addHost(target.ipv4);
  for (const question of [echo, ...everyKind]) rig.ask(question);
  assert.deepEqual(rig.outcomes, []);
  await rig.pass(1);
  assert.equal(rig.outcomes.length, 1 + everyKind.length);
});

test("256 probes are under way at most; echoes are not counted", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  const tcp = { kind: "tcp", target: silent, port: 443 } as const;
  const ids = Array.from({ length: 300 }, () => rig.ask(tcp));
  const answered = rig.ask(echo);
  await rig.pass(1);
  assert.equal(rig.result(answered).kind, "answered");
  const busy = ids.filter((id) => rig.isTold(id)).map((id) => rig.result(id));
  assert.equal(busy.length, 44);
  assert.ok(busy.every((result) => result.kind === "unsent" && result.cause === "busy"));
  await rig.pass(6_000);
  assert.equal(rig.outcomes.length, 301);
  const next = rig.ask(tcp);
  await rig.pass(6_000);
  assert.equal(rig.result(next).kind, "silent");
});
