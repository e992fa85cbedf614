/** The traffic programs: what they tell of a line is what was done to it. Everything is on loopback of one namespace. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { bytes, millis } from "@ropewalk/kernel/units";
import { createNamespace, type Namespace } from "@ropewalk/lab/namespace";
import { type Packet, summarize } from "@ropewalk/lab/packet-record";
import { askServer, holdConnections, openFlows, receiveStream, sendStream, serveEcho } from "@ropewalk/lab/traffic";
import { download, serveDownloads } from "../../src/download.ts";
import type { TrafficWord } from "../../src/pure/traffic-output.ts";
import { until } from "./condition.ts";

const loopback = { ipv4: ipAddress("127.0.0.1"), ipv6: ipAddress("::1") } as const;
const patience = millis(40_000);
let namespace: Namespace;
let port = 7_000;

before(async () => {
  namespace = await createNamespace("traffic");
});
after(() => namespace?.[Symbol.asyncDispose]());

/** No test meets the sockets of another. */
function freshPort(): number {
  port += 1;
  return port;
}

async function nft(rules: string): Promise<void> {
  await namespace.host.exec("nft", ["-f", "-"], { input: rules });
}

function assertStamped(packets: readonly Packet[]): void {
  for (const { sentAt, arrivedAt } of packets) assert.ok(sentAt <= arrivedAt, `${sentAt} to ${arrivedAt}`);
}

for (const to of Object.values(loopback)) {
  test(`1,000 datagrams to ${to} at 10,000 a second all arrive, none sooner than its time`, async () => {
    const place = { to, port: freshPort() };
    await using receiver = await receiveStream(namespace.host, place);
    const start = process.hrtime.bigint();
    await using sender = await sendStream(namespace.host, { ...place, rate: 10_000, count: 1_000 });
    const sent = await sender.ended();
    const { packets, overflowed } = await receiver.stop();
    assert.deepEqual(sent, { numbers: 1_000, errors: {}, replies: [] });
    assert.deepEqual(summarize(packets, 0, 999), {
      ...{ received: 1_000, lost: 0, duplicates: 0, reordered: 0 },
      byAddress: new Map([[to, 1_000]]),
    });
    assert.equal(overflowed, 0);
    assertStamped(packets);
    const times = packets.map(({ sentAt }) => sentAt);
    assert.ok((times.at(-1) ?? 0n) - start >= 99_900_000n, "the last one was sent before its time");
    assert.ok((times[0] ?? 0n) > start && (packets.at(-1)?.arrivedAt ?? start) < process.hrtime.bigint(), "one clock");
  });
}

test("every tenth datagram dropped is every tenth one missed", async () => {
  const place = { to: loopback.ipv4, port: freshPort() };
  await nft(`table inet drops { chain in { type filter hook input priority 0;
    udp dport ${place.port} numgen inc mod 10 == 0 drop
  }
}`);
  await using receiver = await receiveStream(namespace.host, place);
  await using sender = await sendStream(namespace.host, { ...place, rate: 10_000, count: 1_000 });
  await sender.ended();
  const { packets } = await receiver.stop();
  await nft("delete table inet drops");
  assert.equal(summarize(packets, 0, 999).lost, 100);
});

test("datagrams for which there is no route have had their numbers, and the errors are told by name", async () => {
  await using sender = await sendStream(namespace.host, {
    to: ipAddress("192.0.2.1"),
    port: 9,
    rate: 10_000,
    count: 25,
  });
  assert.deepEqual(await sender.ended(), { numbers: 25, errors: { ENETUNREACH: 25 }, replies: [] });
});

test("a sender that is bound to nothing takes the route and source of the moment, one that is connected keeps its own", async () => {
  const { host } = namespace;
  const [target, one, other] = [ipAddress("203.0.113.10"), ipAddress("198.18.0.2"), ipAddress("198.18.8.2")];
  const leaveFrom = (source: string) =>
    host.exec("ip", `route replace local ${target} dev lo table local src ${source}`.split(" "));
  for (const address of [target, one, other]) await host.exec("ip", ["addr", "add", `${address}/32`, "dev", "lo"]);
  await leaveFrom(one);
  for (const isConnected of [false, true]) {
    const place = { to: target, port: freshPort() };
    await using receiver = await receiveStream(host, place);
    await using sender = await sendStream(host, { ...place, isConnected });
    const begun = await receiver.comesFrom(one, patience);
    await leaveFrom(other);
    const moved = await receiver.comesFrom(other, isConnected ? millis(100) : patience);
    assert.equal(await receiver.comesFromAnother(one, millis(0)), moved);
    await sender.stop();
    const { packets } = await receiver.stop();
    await leaveFrom(one);
    assert.equal(packets[0]?.arrivedAt, begun);
    assert.equal(packets.find(({ address }) => address === other)?.arrivedAt, moved);
    assert.deepEqual([...summarize(packets).byAddress.keys()], isConnected ? [one] : [one, other]);
    assert.equal(summarize(packets).lost, 0);
  }
});

test("an echoing receiver's answers are kept by the sender with the address at which they came in", async () => {
  const place = { to: loopback.ipv4, port: freshPort() };
  const from = ipAddress("127.0.0.5");
  const answered = async () => {
    const { stdout } = await namespace.host.exec("cat", ["/proc/net/snmp"]);
    const [names, values] = stdout.split("\n").filter((line) => line.startsWith("Udp:"));
    return Number(values?.split(" ")[names?.split(" ").indexOf("InDatagrams") ?? -1]);
  };
  const had = await answered();
  await using receiver = await receiveStream(namespace.host, { ...place, isEcho: true });
  await using sender = await sendStream(namespace.host, { ...place, from, count: 50, wantsReplies: true });
  await until("50 questions and 50 answers", async () => (await answered()) >= had + 100);
  const { numbers, replies } = await sender.stop();
  assert.equal(numbers, 50);
  assert.deepEqual(summarize(replies, 0, 49), {
    ...{ received: 50, lost: 0, duplicates: 0, reordered: 0 },
    byAddress: new Map([[from, 50]]),
  });
  assertStamped(replies);
  assert.equal((await receiver.stop()).packets.length, 50);
});

test("of held connections exactly those that are destroyed end, with reason and moment", async () => {
  const place = { to: loopback.ipv4, port: freshPort() };
  await using _server = await serveEcho(namespace.host, place.port);
  await using doomed = await holdConnections(namespace.host, { ...place, count: 20, from: ipAddress("127.0.0.2") });
  await using innocent = await holdConnections(namespace.host, { ...place, count: 10 });
  const start = process.hrtime.bigint();
  await namespace.host.exec("ss", ["--kill", "--tcp", "src", "127.0.0.2"]);
  const { held, ended } = await doomed.stop();
  assert.deepEqual([held, ended.map(({ index }) => index)], [20, Array.from({ length: 20 }, (_, index) => index)]);
  for (const { at, reason } of ended) {
    assert.equal(reason, "ECONNABORTED");
    assert.ok(at > start, `${start - at} ns before the order`);
  }
  assert.deepEqual(await innocent.stop(), { held: 10, ended: [] });
});

test("a held connection that its server closes ends as one that was read to its end", async () => {
  const place = { to: loopback.ipv6, port: freshPort() };
  await using server = await serveEcho(namespace.host, place.port);
  await using held = await holdConnections(namespace.host, { ...place, count: 100 });
  // The kernel resets what its server has not accepted.
  const waiting = async () => {
    const { stdout } = await namespace.host.exec("ss", ["-tlnH", "sport", "=", `:${place.port}`]);
    return Number(stdout.trim().split(/\s+/)[1]);
  };
  await until("all are accepted", async () => (await waiting()) === 0);
  await server.stop();
  const { ended } = await held.stop();
  assert.deepEqual([ended.length, new Set(ended.map(({ reason }) => reason))], [100, new Set(["EOF"])]);
});

test("flows are as many as were asked for, each from a port of its own", async () => {
  const place = { to: loopback.ipv4, port: freshPort() };
  await using receiver = await receiveStream(namespace.host, place);
  await using flows = await openFlows(namespace.host, { ...place, count: 300, from: ipAddress("127.0.0.3") });
  const { stdout } = await namespace.host.exec("ss", ["-unaH", "src", "127.0.0.3"]);
  assert.equal(new Set(stdout.trim().split("\n")).size, 300);
  await flows.stop();
  assert.deepEqual(
    (await receiver.stop()).packets.map(({ number }) => number),
    Array.from({ length: 300 }, (_, index) => index),
  );
});

test("an asker goes on by a new connection when its server has ended and another is there", async () => {
  const place = { to: loopback.ipv4, port: freshPort() };
  const { host } = namespace;
  const isAnswered = async () => {
    const { stdout } = await host.exec("ss", ["-tinH", "state", "established", "sport", "=", `:${place.port}`]);
    return stdout.includes("bytes_acked:");
  };
  await using first = await serveEcho(host, place.port);
  await using asker = await askServer(host, { ...place, rate: 200 });
  await until("an answer of the first", isAnswered);
  await first.stop();
  await using _second = await serveEcho(host, place.port);
  await until("an answer of the second", isAnswered);
  const { answers, connections, failed } = await asker.stop();
  assert.ok(failed >= 1 && connections >= 2, `${failed} of ${connections} connections failed`);
  assertStamped(answers);
  assert.equal(summarize(answers).reordered, 0);
  assert.ok(answers.length >= 2);
});

test("a program that cannot do what it is asked is told with its words", async () => {
  const nobodys = { to: ipAddress("192.0.2.1"), port: 9, from: ipAddress("198.51.100.1") };
  await assert.rejects(sendStream(namespace.host, nobodys), {
    code: "LAB_START_FAILED",
    message: /stream-send in traffic did not start: .*bind to 198\.51\.100\.1.*Cannot assign/,
  });
});

test("a follower is told of each packet as it comes, as both ends keep it", async () => {
  const place = { to: loopback.ipv4, port: freshPort() };
  const seen: TrafficWord[] = [];
  await using receiver = await receiveStream(namespace.host, { ...place, isEcho: true, isLive: true });
  using _receiving = receiver.follow((word) => void seen.push(word));
  await using sender = await sendStream(namespace.host, { ...place, rate: 1_000, count: 100 });
  await sender.ended();
  const { packets } = await receiver.stop();
  assert.equal(packets.length, 100);
  assert.deepEqual(
    seen.flatMap((word) => (word.kind === "packet" ? [word.packet] : [])),
    packets,
  );
});

test("a download goes on in pieces; a connection that is ended is told, and the rest comes by the next one", async () => {
  const { host } = namespace;
  const place = { to: loopback.ipv4, port: freshPort() };
  const seen: TrafficWord[] = [];
  const total = () => seen.findLast((word) => word.kind === "octets")?.total ?? 0;
  await using _source = await serveDownloads(host, { port: place.port, pace: bytes(2_000_000) });
  await using loading = await download(host, { ...place, piece: bytes(500_000) });
  using _words = loading.follow((word) => void seen.push(word));
  await until("more than a piece", async () => total() > 600_000);
  // Between two pieces there is no connection to end.
  await until("one that is ended", async () => {
    await host.exec("ss", ["--kill", "--tcp", "state", "established", "dport", "=", `:${place.port}`]);
    return seen.some(({ kind }) => kind === "broken");
  });
  const atEnd = total();
  await until("more behind the end", async () => total() > atEnd + 600_000);
  const { octets, connections, broken } = await loading.stop();
  assert.ok(connections >= 3 && octets >= total(), `${octets} octets by ${connections} connections`);
  const reasons = seen.flatMap((word) => (word.kind === "broken" ? [word.reason] : []));
  assert.deepEqual([broken, new Set(reasons)], [reasons.length, new Set(["ECONNABORTED"])]);
});
