/** What tests of probes can have the network in memory do. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { HostError } from "@ropewalk/host/errors";
import { FakePathNetwork } from "@ropewalk/host/fake/fake-path-network";
import { FakePathSockets } from "@ropewalk/host/fake/fake-path-sockets";
import type { EchoOptions, EchoReply } from "@ropewalk/host/ports";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { binding, server, silent, uplinks } from "./two-uplinks.ts";

const path = binding(uplinks[0], "ipv4");
const hello = new TextEncoder().encode("hello");
const resolver = { address: server.ipv4, port: 53 };
const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

function createRig() {
  const clock = new FakeClock();
  const network = new FakePathNetwork(clock);
  network.setLink(path.ifindex, path.name, [path.source]);
  const sockets = new FakePathSockets(network);
  return { clock, network, sockets };
}

async function openEcho(sockets: FakePathSockets, options: EchoOptions = {}) {
  const socket = await sockets.echo(path, options);
  const heard: EchoReply[] = [];
  socket.onReply((reply) => heard.push(reply));
  return { socket, heard };
}

test("an address of nobody answers nothing", async () => {
  const { sockets } = createRig();
  const { socket, heard } = await openEcho(sockets);
  assert.equal(socket.send(silent.ipv4, 1, hello), true);
  await settle();
  assert.deepEqual(heard, []);
});

test("an answer that is late comes when it does, and one that is read late tells how long it waited", async () => {
  const { clock, network, sockets } = createRig();
  network.addHost(server.ipv4);
  using _slow = network.delay(({ kind }) => kind === "echo", millis(300));
  const prompt = await openEcho(sockets);
  const patient = await openEcho(sockets, { isReadOnDemand: true });
  for (const { socket } of [prompt, patient]) socket.send(server.ipv4, 1, hello);
  clock.advance(millis(299));
  assert.deepEqual(prompt.heard, []);
  clock.advance(millis(1));
  assert.deepEqual(prompt.heard, [{ from: server.ipv4, sequence: 1, payload: hello, waited: 0 }]);
  clock.advance(millis(50));
  patient.socket.read();
  assert.equal(patient.heard[0]?.waited, 50);
});

test("an echo answered by another, twice, or with another payload is what the real socket makes of it", async () => {
  const { network, sockets } = createRig();
  const changed = Uint8Array.of(1);
  network.onEcho(server.ipv4, () => [{ from: ipAddress("203.0.113.9") }, { payload: changed }, {}]);
  const { socket, heard } = await openEcho(sockets);
  socket.send(server.ipv4, 1, hello);
  await settle();
  assert.deepEqual(
    heard.map(({ payload }) => payload),
    [changed],
  );
  assert.deepEqual(socket.dropped, { undecodable: 0, foreign: 2 });
});

test("a narrow path loses what may not be cut and is too large, and lets all else pass", async () => {
  const { network, sockets } = createRig();
  network.addHost(server.ipv4);
  using _narrow = network.lose(({ size, dontFragment }) => dontFragment && size > 1_200);
  const whole = await openEcho(sockets, { dontFragment: true });
  const cut = await openEcho(sockets);
  for (const { socket } of [whole, cut]) {
    for (const length of [1_200 - 28, 1_200 - 27])
      assert.equal(socket.send(server.ipv4, length, new Uint8Array(length)), true);
  }
  await settle();
  assert.deepEqual([whole.heard.length, cut.heard.length], [1, 2]);
});

test("a resolver answers from its own port, another's, several times and late, as it is told", async () => {
  const { clock, network, sockets } = createRig();
  const other = { address: ipAddress("203.0.113.9"), port: 53 };
  network.onDatagram(resolver, (query, { port }) => [
    { payload: Uint8Array.of(port, query.length) },
    { payload: Uint8Array.of(2), from: other },
    { payload: Uint8Array.of(3), after: millis(3_000) },
  ]);
  await using socket = await sockets.datagram(path);
  const heard: unknown[] = [];
  socket.onMessage((payload, from) => heard.push([...payload, from]));
  socket.send(hello, resolver);
  await settle();
  assert.deepEqual(heard, [
    [53, 5, resolver],
    [2, other],
  ]);
  clock.advance(millis(3_000));
  assert.deepEqual(heard[2], [3, resolver]);
});

test("what the kernel refuses to send is refused, with its own words, and only while it does", async () => {
  const { network, sockets } = createRig();
  network.addHost(server.ipv4);
  const unreachable = network.fail(({ link }) => link === path.name, 101);
  const { socket, heard } = await openEcho(sockets);
  assert.equal(socket.send(server.ipv4, 1, hello), false);
  assert.match(socket.lastError ?? "", /^ENETUNREACH, /);
  await assert.rejects(sockets.connect(path, resolver, never), (error) => {
    return error instanceof HostError && error.code === "HOST_SOCKET" && error.errno === 101;
  });
  unreachable[Symbol.dispose]();
  assert.equal(socket.send(server.ipv4, 2, hello), true);
  await settle();
  assert.equal(heard.length, 1);
});

test("a connection comes about late, or is given up meanwhile", async () => {
  const { clock, network, sockets } = createRig();
  network.onConnection(resolver, (stream) => void stream.end("hi"));
  using _slow = network.delay(({ kind, port }) => kind === "connection" && port === 53, millis(1_000));
  const reason = new Error("no longer wanted");
  const controller = new AbortController();
  const given = sockets.connect(path, resolver, controller.signal);
  const connecting = sockets.connect(path, resolver, never);
  clock.advance(millis(999));
  controller.abort(reason);
  await assert.rejects(given, reason);
  clock.advance(millis(1));
  const { stream } = await connecting;
  const [data] = await once(stream, "data");
  assert.equal(String(data), "hi");
});

test("a peer's reset is an error of the system, and its orderly end is none", async () => {
  const { network, sockets } = createRig();
  network.onConnection(resolver, (stream, _departure, { reset }) => void stream.once("data", reset));
  const { stream } = await sockets.connect(path, resolver, never);
  const failed = once(stream, "error");
  stream.write(hello);
  const [error] = await failed;
  assert.equal(error.code, "ECONNRESET");
  network.onConnection(resolver, (far) => void far.destroy());
  const ended = await sockets.connect(path, resolver, never);
  ended.stream.resume();
  await once(ended.stream, "end");
});
