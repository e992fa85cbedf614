/** The sockets of the kernel on two real uplinks: the contract, and that nothing ever leaves by the other uplink. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { HostError } from "@ropewalk/host/errors";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import type { PathEchoSocket } from "@ropewalk/host/ports";
import { type Family, families, ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import {
  firstData,
  nextMessage,
  nextReply,
  type PathSocketsRig,
  pathSocketsContract,
} from "../ports/path-sockets.contract.ts";
import { binding, server, silent, uplinks } from "../ports/two-uplinks.ts";
import { enterTwoUplinkNetwork, serverPort } from "./two-uplink-network.ts";

const network = await enterTwoUplinkNetwork();
after(() => network[Symbol.asyncDispose]());
const sockets = createLinuxPathSockets(createNative(), { chance: Math.random });
const hello = new TextEncoder().encode("hello");
const never = new AbortController().signal;
const paths = uplinks.flatMap((uplink) => families.map((family) => binding(uplink, family)));

/** This namespace is our own, so its sysctl is ours to set. */
function allowEchoBy(method: PathEchoSocket["method"]): void {
  writeFileSync("/proc/sys/net/ipv4/ping_group_range", method === "ping-socket" ? "0 0" : "1 0");
}

function createRig(echoMethod: PathSocketsRig["echoMethod"]): PathSocketsRig {
  return {
    sockets,
    echoMethod,
    paths,
    server,
    silent,
    port: serverPort,
    closedPort: 9,
    temporaryPath: async (family: Family) => {
      const source = ipAddress(family === "ipv4" ? "10.1.9.2" : "fd00:9::2");
      network.ip(
        "link add t9 index 99 type veth peer name t8",
        "link set t8 up",
        "link set t9 up",
        `addr add ${source}/${family === "ipv4" ? 24 : "64 nodad"} dev t9`,
      );
      const path = { ...binding(uplinks[0], family), ifindex: 99, name: "t9", source };
      return { binding: path, remove: async () => network.ip("link del t9") };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

for (const echoMethod of ["ping-socket", "raw-socket"] as const) {
  pathSocketsContract(`the kernel, echo by ${echoMethod},`, async () => {
    allowEchoBy(echoMethod);
    return createRig(echoMethod);
  });
}

/** One datagram, one connection and one echo on `path`, each answered. */
async function exchange(path: PathBinding): Promise<void> {
  const to = { address: server[path.family], port: serverPort };
  await using datagram = await sockets.datagram(path);
  const message = nextMessage(datagram);
  datagram.send(hello, to);
  await message;
  await using connection = await sockets.connect(path, to, never);
  await firstData(connection.stream);
  await using echo = await sockets.echo(path);
  const reply = nextReply(echo);
  echo.send(to.address, 1, hello);
  await reply;
}

const protocolsOf = (family: Family) => ["udp", "tcp", family === "ipv4" ? "icmp" : "ipv6-icmp"];

for (const echoMethod of ["ping-socket", "raw-socket"] as const) {
  test(`with a ${echoMethod}, all that a path sends leaves by its own uplink, from its own source, with its own mark`, async () => {
    allowEchoBy(echoMethod);
    for (const path of paths) {
      network.takeArrivals();
      network.takeDepartures();
      await exchange(path);
      const { slot } = uplinks.find(({ name }) => name === path.name) ?? uplinks[0];
      const protocols = protocolsOf(path.family);
      const arrivals = protocols.map((protocol) => `s${slot} ${path.source} ${protocol}`);
      const departures = protocols.map((protocol) => `w${slot} 0x00000${slot}00 ${protocol}`);
      assert.deepEqual(network.takeArrivals(), arrivals.toSorted());
      assert.deepEqual(network.takeDepartures(), departures.toSorted());
    }
  });
}

test("an IPv6 path that lost its route sends nothing by the uplink that has one, and says why", async () => {
  const path = binding(uplinks[1], "ipv6");
  const to = { address: server.ipv6, port: serverPort };
  network.ip(`route del default via ${path.gateway} dev w2`);
  network.takeArrivals();
  await using datagram = await sockets.datagram(path);
  assert.equal(datagram.send(hello, to), false);
  assert.match(datagram.lastError ?? "", /ENETUNREACH/);
  await using echo = await sockets.echo(path);
  assert.equal(echo.send(to.address, 1, hello), false);
  assert.match(echo.lastError ?? "", /ENETUNREACH/);
  await assert.rejects(sockets.connect(path, to, never), /ENETUNREACH/);
  assert.deepEqual(network.takeArrivals(), []);
  network.ip(`route add default via ${path.gateway} dev w2 metric 200`);
});

test("an IPv4 path that lost its route asks its own link for the destination, as Linux does, and no other", async () => {
  const path = binding(uplinks[1], "ipv4");
  network.ip(`route del default via ${path.gateway} dev w2`);
  network.takeArrivals();
  await exchange(path);
  assert.deepEqual(network.takeArrivals(), ["s2 10.1.2.2 icmp", "s2 10.1.2.2 tcp", "s2 10.1.2.2 udp"]);
  network.ip(`route add default via ${path.gateway} dev w2 metric 200`);
});

test("a link-local path reaches its neighbour on its own link", async () => {
  network.ip("addr add fe80::c/64 dev w1 nodad", "addr add fe80::c/64 dev w2 nodad");
  network.ipOnServer("addr add fe80::5/64 dev s1 nodad", "addr add fe80::5/64 dev s2 nodad");
  for (const uplink of uplinks) {
    const path = { ...binding(uplink, "ipv6"), source: ipAddress("fe80::c") };
    network.takeArrivals();
    await using echo = await sockets.echo(path);
    const reply = nextReply(echo);
    assert.equal(echo.send(ipAddress("fe80::5"), 1, hello), true);
    assert.equal((await reply).from, "fe80::5");
    assert.deepEqual(network.takeArrivals(), [`s${uplink.slot} fe80::c ipv6-icmp`]);
  }
});

test("a datagram to a closed port leaves the socket as it was", async () => {
  for (const path of paths) {
    await using socket = await sockets.datagram(path);
    const answer = nextMessage(socket);
    for (let count = 0; count < 10; count += 1) socket.send(hello, { address: server[path.family], port: 9 });
    assert.equal(socket.send(hello, { address: server[path.family], port: serverPort }), true);
    assert.equal(await answer, path.source);
  }
});

test("a datagram too long for any packet is refused, not thrown", async () => {
  for (const path of paths) {
    await using socket = await sockets.datagram(path);
    assert.equal(socket.send(new Uint8Array(70_000), { address: server[path.family], port: serverPort }), false);
    assert.match(socket.lastError ?? "", /EMSGSIZE/);
  }
});

test("when the link takes less than is sent, the queue fills, sends are refused, and it works again after", async () => {
  const [path] = paths;
  assert.ok(path);
  const to = { address: server[path.family], port: serverPort };
  execFileSync("tc", "qdisc add dev w1 root tbf rate 8kbit burst 1600 limit 10000000".split(" "));
  await using socket = await sockets.datagram(path);
  let sent = 0;
  while (sent < 10_000 && socket.send(new Uint8Array(1_000), to)) sent += 1;
  execFileSync("tc", "qdisc del dev w1 root".split(" "));
  assert.ok(sent < 10_000, `${sent} datagrams were queued`);
  assert.match(socket.lastError ?? "", /EAGAIN/);
  const answer = nextMessage(socket);
  assert.equal(socket.send(hello, to), true);
  assert.equal(await answer, path.source);
});

test("a raw echo socket hears the replies to its neighbour's requests, drops them and counts them", async () => {
  allowEchoBy("raw-socket");
  for (const path of paths) {
    await using ours = await sockets.echo(path);
    await using theirs = await sockets.echo(path);
    let heard = 0;
    using _listening = ours.onReply(() => {
      heard += 1;
    });
    const reply = nextReply(theirs);
    theirs.send(server[path.family], 1, hello);
    await reply;
    const own = nextReply(ours);
    ours.send(server[path.family], 1, hello);
    await own;
    assert.equal(heard, 1);
    assert.deepEqual(ours.dropped, { undecodable: 0, foreign: 1 });
  }
});

test("a thousand failures of each kind leave no descriptor behind", async () => {
  const [path] = paths;
  assert.ok(path);
  const gone = { ...path, ifindex: 99_999 };
  const unnumbered = { ...path, source: ipAddress("192.0.2.77") };
  const closed = { address: server.ipv4, port: 9 };
  const silence = { address: silent.ipv4, port: serverPort };
  const failures: readonly (() => Promise<unknown>)[] = [
    ...[gone, unnumbered].flatMap((binding) => [
      () => sockets.datagram(binding),
      () => sockets.echo(binding),
      () => sockets.connect(binding, closed, never),
    ]),
    () => sockets.connect(path, closed, never),
    () => sockets.connect(path, silence, AbortSignal.abort()),
    () => {
      const controller = new AbortController();
      setImmediate(() => controller.abort());
      return sockets.connect(path, silence, controller.signal);
    },
  ];
  for (const fail of failures) {
    await assert.rejects(fail());
    const before = openDescriptors();
    for (let count = 0; count < 1_000; count += 1) await fail().catch(() => {});
    assert.equal(openDescriptors(), before, fail.toString());
  }
});

test("a thousand sockets opened and closed leave no descriptor behind", async () => {
  const [path] = paths;
  assert.ok(path);
  await exchange(path);
  const before = openDescriptors();
  for (let count = 0; count < 1_000; count += 1) {
    await using _datagram = await sockets.datagram(path);
    await using _echo = await sockets.echo(path);
    await using _connection = await sockets.connect(path, { address: server.ipv4, port: serverPort }, never);
  }
  assert.equal(openDescriptors(), before);
});

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

test("a port that is taken is an error of the system", async () => {
  const [path] = paths;
  assert.ok(path);
  await using first = await sockets.datagram(path);
  await assert.rejects(sockets.datagram(path, { port: first.localPort }), (error) => {
    return error instanceof HostError && error.code === "HOST_SOCKET" && error.errno === 98;
  });
});
