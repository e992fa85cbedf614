/** Questions to resolvers: which answers count, when they are asked again, and what is told of those that will not answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeQuestion } from "@ropewalk/backhaul/pure/health/probe";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis, seconds } from "@ropewalk/kernel/units";
import { framed, respond } from "./dns-peers.ts";
import { ProbeRig, paths, target } from "./probe-rig.ts";

const resolver = { address: target.ipv4, port: 53 };
const right = [ipAddress("198.51.100.8"), ipAddress("198.51.100.9")];
const udp = { kind: "dns", resolver: target.ipv4, transport: "udp", name: "dns.test", record: "A" } as const;
const tcp = { ...udp, transport: "tcp" } as const satisfies ProbeQuestion;

test("an answer is told with its addresses and its time", async () => {
  await using rig = new ProbeRig();
  rig.network.onDatagram(resolver, (query) => [{ payload: respond(query, { addresses: right }), after: millis(100) }]);
  const id = rig.ask(udp);
  await rig.pass(200);
  assert.deepEqual(rig.outcome(id), {
    id,
    result: { kind: "resolved", rtt: 100, rcode: 0, addresses: right },
    traffic: { sent: 54, received: 86 },
  });
});

test("on an IPv6 path IPv6 addresses are asked for, of an IPv6 resolver", async () => {
  await using rig = new ProbeRig();
  const addresses = [ipAddress("2001:db8::8")];
  rig.network.onDatagram({ address: target.ipv6, port: 53 }, (query) => respond(query, { addresses }));
  const question = { ...udp, resolver: target.ipv6, record: "AAAA" } as const;
  assert.deepEqual(await rig.now(question, paths.ipv6), { kind: "resolved", rtt: 0, rcode: 0, addresses });
});

test("that there is no such name is an answer", async () => {
  await using rig = new ProbeRig();
  rig.network.onDatagram(resolver, (query) => respond(query, { rcode: 3 }));
  assert.deepEqual(await rig.now(udp), { kind: "resolved", rtt: 0, rcode: 3, addresses: [] });
});

test("a resolver that fails or will not answer refuses", async () => {
  for (const [rcode, name] of [
    [2, "SERVFAIL"],
    [5, "REFUSED"],
    [9, "rcode 9"],
  ] as const) {
    await using rig = new ProbeRig();
    rig.network.onDatagram(resolver, (query) => respond(query, { rcode }));
    assert.deepEqual(await rig.now(udp), { kind: "refused", detail: `the resolver will not answer: ${name}` });
    rig.network.onConnection(resolver, (stream) =>
      stream.once("data", (query) => stream.write(framed(respond(query.subarray(2), { rcode })))),
    );
    assert.deepEqual(await rig.now(tcp), { kind: "refused", detail: `the resolver will not answer: ${name}` });
  }
});

test("a lost query is repeated each second, each time with another id, and timed from the one that is answered", async () => {
  await using rig = new ProbeRig();
  const ids = new Set<number>();
  rig.network.onDatagram(resolver, (query) => {
    ids.add(new DataView(query.buffer).getUint16(0));
    return ids.size < 3 ? undefined : [{ payload: respond(query, { addresses: right }), after: millis(20) }];
  });
  const id = rig.ask(udp);
  await rig.pass(3_000);
  assert.equal(ids.size, 3);
  const result = rig.result(id);
  assert.ok(result.kind === "resolved" && result.rtt === 20);
  assert.deepEqual(rig.outcome(id).traffic, { sent: 3 * 54, received: 86 });
});

test("a resolver that takes three seconds is heard, with the three seconds", async () => {
  await using rig = new ProbeRig();
  const payload = (query: Uint8Array) => respond(query, { addresses: right });
  rig.network.onDatagram(resolver, (query) => [{ payload: payload(query), after: seconds(3) }]);
  const id = rig.ask(udp);
  await rig.pass(3_100);
  const result = rig.result(id);
  assert.ok(result.kind === "resolved" && result.rtt === 3_000);
});

test("an answer from elsewhere, with another id or to another question is not heard; the right one after it is", async () => {
  await using rig = new ProbeRig();
  const lie = [ipAddress("192.0.2.66")];
  rig.network.onDatagram(resolver, (query) => {
    const lying = respond(query, { addresses: lie });
    const [otherId, otherName, cut] = [lying.slice(), lying.slice(), lying.slice(0, 40)];
    otherId[0] = (otherId[0] ?? 0) ^ 0xff;
    otherName[13] = (otherName[13] ?? 0) + 1;
    return [
      { payload: lying, from: { address: ipAddress("203.0.113.66"), port: 53 } },
      { payload: lying, from: { address: target.ipv4, port: 5353 } },
      { payload: otherId },
      { payload: otherName },
      { payload: cut },
      { payload: Uint8Array.of(1, 2, 3) },
      { payload: query },
      { payload: respond(query, { addresses: right }), after: millis(5) },
    ];
  });
  const id = rig.ask(udp);
  await rig.pass(10);
  const result = rig.result(id);
  assert.ok(result.kind === "resolved");
  assert.deepEqual(result.addresses, right);
});

test("an answer that did not fit is fetched over TCP", async () => {
  await using rig = new ProbeRig();
  rig.network.onDatagram(resolver, (query) => respond(query, { isTruncated: true }));
  rig.network.onConnection(resolver, (stream) =>
    stream.once("data", (query) => stream.write(framed(respond(query.subarray(2), { addresses: right })))),
  );
  const result = await rig.now(udp);
  assert.ok(result.kind === "resolved");
  assert.deepEqual(result.addresses, right);
});

test("over TCP an answer may come in pieces", async () => {
  await using rig = new ProbeRig();
  rig.network.onConnection(resolver, (stream) =>
    stream.once("data", async (query) => {
      for (const octet of framed(respond(query.subarray(2), { addresses: right }))) stream.write(Uint8Array.of(octet));
    }),
  );
  const result = await rig.now(tcp);
  assert.ok(result.kind === "resolved");
  assert.deepEqual(result.addresses, right);
});

test("over TCP what is no DNS, or answers another question, was said by somebody in between", async () => {
  const answers: Readonly<Record<string, (query: Uint8Array) => Uint8Array>> = {
    "what answered speaks no DNS": () => new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n".padEnd(20_000)),
    "the answer is to another question": (query) => {
      const message = respond(query, { addresses: right });
      message[0] = (message[0] ?? 0) ^ 0xff;
      return framed(message);
    },
  };
  for (const [detail, answer] of Object.entries(answers)) {
    await using rig = new ProbeRig();
    rig.network.onConnection(resolver, (stream) =>
      stream.once("data", (query) => stream.write(answer(query.subarray(2)))),
    );
    assert.deepEqual(await rig.now(tcp), { kind: "intercepted", detail });
  }
});

test("over TCP a refused, a closed and a broken connection are refusals", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  assert.deepEqual(await rig.now(tcp), { kind: "refused", detail: "ECONNREFUSED, connection refused" });
  const closed = { kind: "refused", detail: "the connection was closed without an answer" };
  rig.network.onConnection(resolver, (stream) => stream.once("data", () => stream.end()));
  assert.deepEqual(await rig.now(tcp), closed);
  rig.network.onConnection(resolver, (stream, _departure, { reset }) => stream.once("data", reset));
  assert.deepEqual(await rig.now(tcp), closed);
});

test("what is no domain name is not asked for", async () => {
  await using rig = new ProbeRig();
  for (const question of [udp, tcp]) {
    assert.deepEqual(await rig.now({ ...question, name: "a..b" }), {
      kind: "skipped",
      detail: '"a..b" is no domain name',
    });
  }
});
