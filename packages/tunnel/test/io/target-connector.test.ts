/** From request to target: what is judged is what is connected to, within one deadline, and every place is given back. */
import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { type IpAddress, ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { type Host, parseHost } from "@ropewalk/kernel/host-port";
import { millis } from "@ropewalk/kernel/units";
import { TargetConnector, type TargetOutcome } from "@ropewalk/tunnel/io/target-connector";
import type { AllowedTarget } from "@ropewalk/tunnel/pure/allow-list";
import type { OpenRequest } from "@ropewalk/tunnel/pure/open-request";
import { FakeTcp, settled } from "./fake-tcp.ts";

const host = (text: string) => parseHost(text) as Host;
const byName: OpenRequest = { kind: "target", host: host("db.example"), port: 5432 };
const db: OpenRequest = { kind: "service", name: "db" };
const opener = { session: "s", maxConnections: 10 };

function connecting(options: { readonly allowed?: readonly AllowedTarget[]; readonly most?: number } = {}) {
  const tcp = new FakeTcp();
  const clock = new FakeClock();
  const lookUps: PromiseWithResolvers<readonly IpAddress[]>[] = [];
  const lookUp = () => {
    const asked = Promise.withResolvers<readonly IpAddress[]>();
    lookUps.push(asked);
    return asked.promise;
  };
  const services = [
    { name: "db", port: 5432, target: { host: host("10.0.0.5"), port: 5432 }, maxConnections: options.most ?? 2 },
  ];
  const rules = { services, allowed: options.allowed ?? [], connectWithin: millis(5_000) };
  return { tcp, clock, lookUps, rules, connector: new TargetConnector({ tcp, clock, lookUp }, rules) };
}

const everyPort = [{ first: 1, last: 65_535 }];
const nameAlone: AllowedTarget = { host: "db.example", networks: [], ports: everyPort };

function network(text: string) {
  const prefix = parsePrefix(text);
  assert(prefix !== undefined);
  return prefix;
}

function reasonOf(outcome: TargetOutcome) {
  return outcome.kind === "failed" ? outcome.reason : outcome.kind;
}

test("a service is connected to at its target, and its place is held until the owner gives it back", async () => {
  const { tcp, clock, connector } = connecting();
  const opening = connector.connect(db, opener, new AbortController().signal);
  await settled();
  assert.deepEqual(tcp.attempts[0]?.to, { address: "10.0.0.5", port: 5432 });
  assert.deepEqual([connector.open, connector.services.get("db")], [1, { open: 1, most: 2 }]);
  tcp.attempts[0]?.answer();
  const outcome = await opening;
  assert(outcome.kind === "connected");
  assert.deepEqual([outcome.service, outcome.connection, connector.open], ["db", tcp.attempts[0]?.connection, 1]);
  outcome.place[Symbol.dispose]();
  outcome.place[Symbol.dispose]();
  assert.deepEqual([connector.open, connector.services.get("db")?.open, clock.pendingTimers()], [0, 0, []]);
});

test("a service takes no more connections than it may, and a session no more than it may, and the next once one is over", async () => {
  const { tcp, connector } = connecting();
  const { signal } = new AbortController();
  const others = [
    connector.connect(db, opener, signal),
    connector.connect(db, { session: "t", maxConnections: 1 }, signal),
  ];
  assert.equal(reasonOf(await connector.connect(db, opener, signal)), "too-many");
  assert.equal(reasonOf(await connector.connect(byName, { session: "t", maxConnections: 1 }, signal)), "not-allowed");
  await settled();
  tcp.attempts[0]?.answer(constants.errno.ECONNREFUSED);
  tcp.attempts[1]?.answer();
  assert.equal(reasonOf(await (others[0] as Promise<TargetOutcome>)), "refused");
  assert.equal(reasonOf(await connector.connect(db, { session: "t", maxConnections: 1 }, signal)), "too-many");
  const again = connector.connect(db, opener, signal);
  await settled();
  tcp.attempts[2]?.answer();
  assert.equal((await again).kind, "connected");
  assert.equal(connector.open, 2);
  assert.deepEqual([...connector.outcomes].toSorted(), [
    ["connected", 2],
    ["not-allowed", 1],
    ["refused", 1],
    ["too-many", 2],
  ]);
});

test("of what a name resolves to, only what is allowed is connected to; the name is looked up once", async () => {
  const allowed = [nameAlone, { host: "db.example", networks: [network("10.0.0.0/8")], ports: everyPort }];
  const { tcp, lookUps, connector } = connecting({ allowed });
  void connector.connect(byName, opener, new AbortController().signal);
  lookUps[0]?.resolve(["127.0.0.1", "169.254.169.254", "10.0.0.7", "8.8.8.8"].map(ipAddress));
  await settled();
  tcp.attempts[0]?.answer(constants.errno.ECONNREFUSED);
  await settled();
  tcp.attempts[1]?.answer(constants.errno.ECONNREFUSED);
  await settled();
  assert.deepEqual(
    tcp.attempts.map(({ to }) => to.address),
    ["10.0.0.7", "8.8.8.8"],
  );
  assert.equal(lookUps.length, 1);
});

test("a name that resolves to inner addresses alone is not connected to at all, and the log is told to which", async () => {
  const { tcp, lookUps, connector } = connecting({ allowed: [nameAlone] });
  const opening = connector.connect(byName, opener, new AbortController().signal);
  lookUps[0]?.resolve(["127.0.0.1", "fd00:ec2::254"].map(ipAddress));
  const outcome = await opening;
  assert(outcome.kind === "failed" && outcome.reason === "not-allowed");
  assert.match(outcome.detail, /db\.example:5432 is 127\.0\.0\.1 \(loopback\), fd00:ec2::254 \(metadata\)/);
  assert.deepEqual([tcp.attempts.length, connector.open], [0, 0]);
});

test("a name that is not listed is not looked up, and one that does not resolve is unreachable", async () => {
  const strict = connecting();
  assert.equal(reasonOf(await strict.connector.connect(byName, opener, new AbortController().signal)), "not-allowed");
  assert.equal(strict.lookUps.length, 0);
  const { lookUps, connector } = connecting({ allowed: [nameAlone] });
  const opening = connector.connect(byName, opener, new AbortController().signal);
  lookUps[0]?.reject(new Error("ENOTFOUND"));
  const outcome = await opening;
  assert(outcome.kind === "failed" && outcome.reason === "unreachable");
  assert.match(outcome.detail, /cannot look db\.example up: ENOTFOUND/);
});

test("one deadline holds for the look-up and every address together", async () => {
  for (const isResolved of [false, true]) {
    const { tcp, clock, lookUps, connector } = connecting({ allowed: [nameAlone] });
    const opening = connector.connect(byName, opener, new AbortController().signal);
    clock.advance(millis(3_000));
    if (isResolved) lookUps[0]?.resolve([ipAddress("8.8.8.8"), ipAddress("8.8.4.4")]);
    await settled();
    clock.advance(millis(1_999));
    assert.equal(connector.open, 1);
    clock.advance(millis(1));
    assert.equal(reasonOf(await opening), "timed-out");
    assert.deepEqual([connector.open, clock.pendingTimers()], [0, []]);
    assert(tcp.attempts.every(({ signal }) => signal.aborted));
  }
});

test("whoever asked may go at any moment, and nothing is left of it", async () => {
  for (const moment of ["before", "looking up", "connecting"]) {
    const { tcp, clock, lookUps, connector } = connecting({ allowed: [nameAlone] });
    const controller = new AbortController();
    if (moment === "before") controller.abort();
    const opening = connector.connect(byName, opener, controller.signal);
    await settled();
    if (moment === "connecting") lookUps[0]?.resolve([ipAddress("8.8.8.8")]);
    await settled();
    // An abort's reason that looks like an answer of the kernel's is none.
    controller.abort(Object.assign(new Error("gone"), { errno: constants.errno.ECONNREFUSED }));
    assert.equal(reasonOf(await opening), "aborted", moment);
    assert.deepEqual([connector.open, clock.pendingTimers()], [0, []]);
    lookUps[0]?.reject(new Error("too late"));
    for (const attempt of tcp.attempts) attempt.answer();
    await settled();
    assert.deepEqual(
      tcp.attempts.filter(({ connection, signal }) => connection.fate === "open" && !signal.aborted),
      [],
    );
  }
});

test("new rules hold from the next request on", async () => {
  const { tcp, rules, connector } = connecting();
  const first = connector.connect(db, opener, new AbortController().signal);
  await settled();
  connector.use({ ...rules, services: [] });
  tcp.attempts[0]?.answer();
  assert.equal((await first).kind, "connected");
  assert.equal(reasonOf(await connector.connect(db, opener, new AbortController().signal)), "unknown-service");
});
