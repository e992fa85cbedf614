/** Exposed ports and connections to targets on the kernel itself, on loopback: what only the kernel can say. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import type { TcpConnection, TcpEvents } from "@ropewalk/host/tcp";
import { type IpAddress, ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { type Host, parseHost } from "@ropewalk/kernel/host-port";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { freePort } from "@ropewalk/lab/free-ports";
import { ExposedPorts } from "@ropewalk/tunnel/io/exposed-ports";
import { TargetConnector } from "@ropewalk/tunnel/io/target-connector";
import { createLookUp } from "@ropewalk/tunnel/io/target-names";
import type { Exposure } from "@ropewalk/tunnel/pure/exposures";
import type { OpenRequest } from "@ropewalk/tunnel/pure/open-request";

const clock = createSystemClock();
const loopback = ipAddress("127.0.0.1");
const opener = { session: "s", maxConnections: 10 };

async function serving(address: string): Promise<{ readonly server: Server; readonly port: number } & AsyncDisposable> {
  const server = createServer((socket) => socket.end("hello"));
  server.listen(0, address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, port, [Symbol.asyncDispose]: async () => void (await once(server.close(), "close")) };
}

function connectorTo(
  tcp: ReturnType<typeof createLinuxTcp>,
  service: string,
  port: number,
  connectWithin: Millis = millis(10_000),
) {
  const services = [
    { name: "a", port: undefined, target: { host: parseHost(service) as Host, port }, maxConnections: 10 },
  ];
  const network = parsePrefix("127.0.0.0/8");
  assert(network !== undefined);
  const allowed = [{ host: undefined, networks: [network], ports: [{ first: 1, last: 65_535 }] }];
  return new TargetConnector({ tcp, clock, lookUp: createLookUp() }, { services, allowed, connectWithin });
}

/** All that a connection says until its end. */
async function heard(connection: TcpConnection): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  connection.start({
    room: () => new Uint8Array(1024),
    onOctets: (octets) => {
      text += Buffer.from(octets).toString();
    },
    onEnd: () => connection.finish(),
    onWritable: () => {},
    onClosed: ({ kind }) => resolve(`${text} ${kind}`),
  });
  return promise;
}

test("a service, a listed address and this host's own port are reached", { timeout: 20_000 }, async () => {
  using tcp = createLinuxTcp(createNative(), clock);
  await using target = await serving("127.0.0.1");
  const connector = connectorTo(tcp, "127.0.0.1", target.port);
  const requests: readonly OpenRequest[] = [
    { kind: "service", name: "a" },
    { kind: "target", host: loopback, port: target.port },
    { kind: "port", port: target.port },
    { kind: "target", host: parseHost("localhost") as Host, port: target.port },
  ];
  for (const request of requests) {
    const outcome = await connector.connect(request, opener, new AbortController().signal);
    assert(outcome.kind === "connected", JSON.stringify(outcome));
    assert.equal(await heard(outcome.connection), "hello ended");
    outcome.place[Symbol.dispose]();
  }
  assert.equal(connector.open, 0);
});

test("a port where nobody listens refuses, and a target that takes no more connections is given up in time", {
  timeout: 20_000,
}, async () => {
  using tcp = createLinuxTcp(createNative(), clock);
  const { signal } = new AbortController();
  const refusing = await connectorTo(tcp, "127.0.0.1", await freePort()).connect(
    { kind: "service", name: "a" },
    opener,
    signal,
  );
  assert(refusing.kind === "failed" && refusing.reason === "refused");
  assert.match(refusing.detail, /ECONNREFUSED/);

  using silent = tcp.listen(
    { address: loopback, port: 0 },
    { onConnection: () => {}, onExhausted: () => {} },
    { backlog: 0 },
  );
  silent.pause();
  const connector = connectorTo(tcp, "127.0.0.1", silent.local.port, millis(200));
  using waiting = new DisposableStack();
  for (;;) {
    const outcome = await connector.connect({ kind: "service", name: "a" }, { ...opener, maxConnections: 8 }, signal);
    if (outcome.kind === "failed") {
      assert.equal(outcome.reason, "timed-out");
      break;
    }
    waiting.use(outcome.connection);
  }
});

const speechless: TcpEvents = {
  room: () => undefined,
  onOctets: () => {},
  onEnd: () => {},
  onWritable: () => {},
  onClosed: () => {},
};

function exposing(tcp: ReturnType<typeof createLinuxTcp>) {
  const given: { readonly connection: TcpConnection; readonly place: Disposable }[] = [];
  const onConnection = (connection: TcpConnection, _: Exposure, place: Disposable) => {
    given.push({ connection, place });
    connection.start(speechless);
    connection.write([Uint8Array.of(1)]);
  };
  return { given, ports: new ExposedPorts(tcp, { onConnection, onExhausted: () => {} }) };
}

function exposure(port: number, address: IpAddress = loopback): Exposure {
  return { address, port, request: { kind: "port", port }, maxConnections: 1 };
}

interface Client {
  /** "reset" or "ended"; a reset may be quicker than the client's own view of being connected. */
  readonly end: Promise<string>;
  /** Resolves when the connection has come to its owner. */
  readonly arrived: Promise<unknown>;
}

function client(port: number, stack: DisposableStack): Client {
  const socket: Socket = stack.adopt(connect(port, "127.0.0.1"), (open) => open.destroy());
  const end = Promise.withResolvers<string>();
  const arrived = once(socket, "data");
  arrived.catch(() => {});
  socket.on("error", ({ message }) => end.resolve(/ECONNRESET/.test(message) ? "reset" : message));
  socket.on("close", () => end.resolve("ended"));
  return { end: end.promise, arrived };
}

test("a port of another program's is an error that names it, and is never another port", {
  timeout: 20_000,
}, async () => {
  using tcp = createLinuxTcp(createNative(), clock);
  await using other = await serving("127.0.0.1");
  const { ports } = exposing(tcp);
  using _ = ports;
  const expected = new RegExp(
    `cannot expose 127\\.0\\.0\\.1 port ${other.port}; stop who has it, or expose another port`,
  );
  assert.throws(() => ports.apply([exposure(other.port)]), expected);
  assert.throws(
    () => ports.apply([exposure(1, ipAddress("192.0.2.1"))]),
    /192\.0\.2\.1 port 1; is it an address of this machine\?/,
  );
  assert.deepEqual(ports.status, []);
});

test("one connection too many meets a reset; others live through a change of address and of what is asked", {
  timeout: 20_000,
}, async () => {
  using tcp = createLinuxTcp(createNative(), clock);
  const { given, ports } = exposing(tcp);
  using _ = ports;
  const port = await freePort();
  ports.apply([exposure(port)]);
  using stack = new DisposableStack();
  const first = client(port, stack);
  await first.arrived;
  assert.equal(await client(port, stack).end, "reset");
  ports.apply([exposure(port, ipAddress("0.0.0.0"))]);
  const third = client(port, stack);
  await third.arrived;
  ports.apply([exposure(port)]);
  assert.deepEqual(
    given.map(({ connection }) => connection.local.port),
    [port, port],
  );
  for (const { connection, place } of given) {
    connection[Symbol.dispose]();
    place[Symbol.dispose]();
  }
  assert.deepEqual(await Promise.all([first.end, third.end]), ["ended", "ended"]);
  assert.deepEqual(
    ports.status.map(({ open, refused }) => [open, refused]),
    [[0, 0]],
  );
});
