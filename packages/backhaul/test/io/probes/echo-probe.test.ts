/** Echoes: whose reply counts, when, and what becomes of a socket that cannot be opened or sends nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis, seconds } from "@ropewalk/kernel/units";
import { ProbeRig, paths, target } from "./probe-rig.ts";

const echo = { kind: "echo", target: target.ipv4 } as const;

test("a reply is told with the time it took, and both packets are counted", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  using _delay = rig.network.delay(() => true, millis(150));
  const id = rig.ask(echo);
  await rig.pass(200);
  assert.deepEqual(rig.outcome(id), {
    id,
    result: { kind: "answered", rtt: 150 },
    traffic: { sent: 36, received: 36 },
  });
});

test("over IPv6 the packets are longer", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv6);
  const id = rig.ask({ kind: "echo", target: target.ipv6 }, seconds(5), paths.ipv6);
  await rig.pass(0);
  assert.deepEqual(rig.outcome(id).traffic, { sent: 56, received: 56 });
});

test("a reply is told however late it comes, and its absence never", async () => {
  await using rig = new ProbeRig();
  rig.network.onEcho(target.ipv4, () => [{ after: seconds(30) }]);
  const late = rig.ask(echo, seconds(1));
  const never = rig.ask({ kind: "echo", target: ipAddress("203.0.113.2") }, seconds(1));
  await rig.pass(29_000);
  assert.equal(rig.isTold(late), false);
  await rig.pass(1_000);
  assert.deepEqual(rig.result(late), { kind: "answered", rtt: 30_000 });
  assert.equal(rig.isTold(never), false);
});

test("one socket serves every target of a path, and stays open", async () => {
  await using rig = new ProbeRig();
  const targets = ["203.0.113.1", "203.0.113.2", "203.0.113.3"].map(ipAddress);
  for (const each of targets) rig.network.addHost(each);
  const ids = targets.map((each) => rig.ask({ kind: "echo", target: each }));
  await rig.pass(0);
  for (const id of ids) assert.equal(rig.result(id).kind, "answered");
  assert.equal(rig.sockets.openCount, 1);
});

test("a reply with another payload, another length or from somebody else is none", async () => {
  await using rig = new ProbeRig();
  const forger = ipAddress("203.0.113.66");
  rig.network.onEcho(target.ipv4, (payload) => [{ payload: payload.map((octet) => octet ^ 1) }]);
  const changed = rig.ask(echo);
  await rig.pass(0);
  rig.network.onEcho(target.ipv4, (payload) => [{ payload: Uint8Array.of(...payload, 0) }]);
  const longer = rig.ask(echo);
  await rig.pass(0);
  rig.network.onEcho(target.ipv4, () => [{ from: forger }]);
  const foreign = rig.ask(echo);
  await rig.pass(0);
  rig.network.onEcho(target.ipv4, () => [{}, {}]);
  const repeated = rig.ask(echo);
  await rig.pass(0);
  assert.deepEqual(
    [changed, longer, foreign].map((id) => rig.isTold(id)),
    [false, false, false],
  );
  assert.equal(rig.outcome(repeated).result.kind, "answered");
});

test("of a thousand and more unanswered echoes the oldest are forgotten", async () => {
  await using rig = new ProbeRig();
  rig.network.onEcho(target.ipv4, () => [{ after: seconds(1) }]);
  const ids = [rig.ask(echo)];
  await rig.pass(0);
  for (let count = 1; count < 1_025; count += 1) ids.push(rig.ask(echo));
  await rig.pass(1_100);
  assert.equal(rig.outcomes.length, 1_024);
  assert.equal(rig.isTold(ids[0] ?? 0), false);
});

test("without the right to send echoes that is said, and the kernel is not asked again for every probe", async () => {
  await using rig = new ProbeRig({ echo: "none" });
  let opened = 0;
  const open = rig.sockets.echo.bind(rig.sockets);
  rig.sockets.echo = (...args) => {
    opened += 1;
    return open(...args);
  };
  const first = rig.ask(echo);
  await rig.pass(1);
  assert.deepEqual(rig.outcome(first), {
    id: first,
    result: { kind: "unsent", cause: "no-privilege", detail: "this fake host allows no echo" },
    traffic: { sent: 0, received: 0 },
  });
  for (let count = 0; count < 600; count += 1) {
    rig.ask(echo);
    await rig.pass(50);
  }
  assert.equal(rig.outcomes.length, 601);
  assert.ok(opened >= 5 && opened <= 20, `tried ${opened} times in 30 s`);
});

test("while the kernel refuses every packet the probes are unsent, and the first after that is answered", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  const refusal = rig.network.fail(() => true, 101);
  const refused = rig.ask(echo);
  await rig.pass(1);
  assert.deepEqual(rig.result(refused), {
    kind: "unsent",
    cause: "unreachable",
    detail: "ENETUNREACH, network is unreachable",
  });
  await rig.pass(10_000);
  refusal[Symbol.dispose]();
  const sent = rig.ask(echo);
  await rig.pass(0);
  assert.equal(rig.result(sent).kind, "answered");
});

test("a full queue is told as such, and the socket is kept", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  const full = rig.network.fail(() => true, 11);
  const id = rig.ask(echo);
  await rig.pass(1);
  const result = rig.result(id);
  assert.ok(result.kind === "unsent" && result.cause === "busy");
  full[Symbol.dispose]();
  assert.equal((await rig.now(echo)).kind, "answered");
});

for (const question of [echo, { kind: "tcp", target: target.ipv4, port: 443 } as const]) {
  test(`${question.kind}: a question that follows every refusal at once comes no more often than time passes`, async () => {
    await using rig = new ProbeRig();
    using _refusal = rig.network.fail(() => true, 101);
    rig.onOutcome = () => void rig.ask(question);
    rig.ask(question);
    for (let count = 0; count < 100; count += 1) await rig.pass(1);
    rig.onOutcome = () => {};
    assert.ok(rig.outcomes.length >= 90 && rig.outcomes.length <= 100, `${rig.outcomes.length} in 100 ms`);
    await rig.pass(10);
  });
}
