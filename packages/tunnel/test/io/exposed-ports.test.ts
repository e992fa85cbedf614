/** The ports that a source exposes: changed whole or not at all, each with its bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { type HostPort, parseHostPort } from "@ropewalk/kernel/host-port";
import { TunnelError } from "@ropewalk/tunnel/errors";
import { ExposedPorts } from "@ropewalk/tunnel/io/exposed-ports";
import { type Exposure, exposuresOf } from "@ropewalk/tunnel/pure/exposures";
import { describeOpenRequest } from "@ropewalk/tunnel/pure/open-request";
import { FakeTcp } from "./fake-tcp.ts";

function exposure(port: number, more: { address?: string; name?: string; most?: number } = {}): Exposure {
  const request =
    more.name === undefined ? ({ kind: "port", port } as const) : ({ kind: "service", name: more.name } as const);
  return { address: ipAddress(more.address ?? "127.0.0.1"), port, request, maxConnections: more.most ?? 10 };
}

function exposing(...exposures: readonly Exposure[]) {
  const tcp = new FakeTcp();
  const given: { readonly what: string; readonly place: Disposable }[] = [];
  const ports = new ExposedPorts(tcp, {
    onConnection: (_, { request }, place) => given.push({ what: describeOpenRequest(request), place }),
    onExhausted: () => {},
  });
  ports.apply(exposures);
  tcp.story.length = 0;
  return { tcp, ports, given, listening: () => [...tcp.listening.keys()].toSorted() };
}

test("an entry asks for its own port, its service or its target, where the table says or where it says itself", () => {
  const target = parseHostPort("db.example:80") as HostPort;
  const written = [
    { port: 22, maxConnections: 1 },
    { port: 23, service: "db", listen: ipAddress("0.0.0.0"), maxConnections: 2 },
    { port: 24, target, maxConnections: 3 },
  ];
  assert.deepEqual(exposuresOf(written, ipAddress("127.0.0.1")), [
    { address: "127.0.0.1", port: 22, request: { kind: "port", port: 22 }, maxConnections: 1 },
    { address: "0.0.0.0", port: 23, request: { kind: "service", name: "db" }, maxConnections: 2 },
    { address: "127.0.0.1", port: 24, request: { kind: "target", host: "db.example", port: 80 }, maxConnections: 3 },
  ]);
});

test("of a change only the difference is made, and what is new listens before what goes is closed", () => {
  const { tcp, ports } = exposing(exposure(1), exposure(2));
  ports.apply([exposure(2), exposure(3)]);
  assert.deepEqual(tcp.story, ["listen 127.0.0.1 3", "close 127.0.0.1 1"]);
  ports.apply([exposure(2), exposure(3)]);
  assert.equal(tcp.story.length, 2);
});

test("a port that stays may ask for something else and have another bound, without a moment of not listening", () => {
  const { tcp, ports, given } = exposing(exposure(1, { most: 1 }));
  tcp.arrive("127.0.0.1 1");
  ports.apply([exposure(1, { name: "db", most: 2 })]);
  assert.deepEqual(tcp.story, []);
  tcp.arrive("127.0.0.1 1");
  assert.equal(tcp.arrive("127.0.0.1 1").fate, "reset");
  assert.deepEqual(
    given.map(({ what }) => what),
    ["port 1", "service db"],
  );
});

test("ports that cannot be had are all named with what to do, and nothing has changed", () => {
  const { tcp, ports, listening } = exposing(exposure(1));
  tcp.taken.set("127.0.0.1 2", "HOST_ADDRESS_IN_USE").set("127.0.0.1 3", "HOST_PERMISSION");
  tcp.taken.set("192.0.2.1 5", "HOST_SOCKET");
  const change = () => ports.apply([exposure(2), exposure(3), exposure(4), exposure(5, { address: "192.0.2.1" })]);
  assert.throws(change, (error) => {
    assert(error instanceof TunnelError && error.code === "TUNNEL_LISTEN");
    assert.match(error.message, /cannot expose 127\.0\.0\.1 port 2; stop who has it, or expose another port/);
    assert.match(error.message, /127\.0\.0\.1 port 3; a port below 1024 needs CAP_NET_BIND_SERVICE/);
    assert.match(error.message, /192\.0\.2\.1 port 5; is it an address of this machine\?/);
    return true;
  });
  assert.deepEqual(listening(), ["127.0.0.1 1"]);
  assert.deepEqual(
    ports.status.map(({ exposure: { port } }) => port),
    [1],
  );
});

test("an address may widen to all and narrow again, though the one holds the other's port", () => {
  const { ports, listening } = exposing(exposure(1), exposure(2));
  ports.apply([exposure(1, { address: "0.0.0.0" }), exposure(2)]);
  assert.deepEqual(listening(), ["0.0.0.0 1", "127.0.0.1 2"]);
  ports.apply([exposure(1), exposure(2)]);
  assert.deepEqual(listening(), ["127.0.0.1 1", "127.0.0.1 2"]);
});

test("when the wider cannot be had, the narrower is there again, and what was new has gone", () => {
  const { tcp, ports, listening } = exposing(exposure(1));
  tcp.taken.set("0.0.0.0 1", "HOST_ADDRESS_IN_USE");
  assert.throws(
    () => ports.apply([exposure(1, { address: "0.0.0.0" }), exposure(9)]),
    /cannot expose 0\.0\.0\.0 port 1/,
  );
  assert.deepEqual(listening(), ["127.0.0.1 1"]);
  tcp.arrive("127.0.0.1 1");
  assert.deepEqual(
    ports.status.map(({ open }) => open),
    [1],
  );
});

test("a port that is lost to somebody quicker is told, and is exposed no more", () => {
  const { tcp, ports } = exposing(exposure(1));
  tcp.taken.set("0.0.0.0 1", "HOST_ADDRESS_IN_USE").set("127.0.0.1 1", "HOST_ADDRESS_IN_USE");
  assert.throws(
    () => ports.apply([exposure(1, { address: "0.0.0.0" })]),
    /and 127\.0\.0\.1 port 1, exposed until now, is lost/,
  );
  assert.deepEqual(ports.status, []);
  tcp.taken.clear();
  ports.apply([exposure(1)]);
  assert.equal(ports.status.length, 1);
});

test("one connection too many is reset at once and counted; a place given back is taken again, after a removal too", () => {
  const { tcp, ports, given } = exposing(exposure(1, { most: 2 }));
  const [first, second, third] = [1, 2, 3].map(() => tcp.arrive("127.0.0.1 1"));
  assert.deepEqual([first?.fate, second?.fate, third?.fate], ["open", "open", "reset"]);
  assert.deepEqual(ports.status, [{ exposure: exposure(1, { most: 2 }), open: 2, refused: 1 }]);
  given[0]?.place[Symbol.dispose]();
  assert.equal(tcp.arrive("127.0.0.1 1").fate, "open");
  ports.apply([]);
  ports.apply([exposure(1, { most: 2 })]);
  assert.equal(tcp.arrive("127.0.0.1 1").fate, "reset");
  for (const { place } of given) place[Symbol.dispose]();
  assert.equal(ports.status[0]?.open, 0);
});

test("disposed of, it listens nowhere, and connections are their owners'", () => {
  const { tcp, ports, listening } = exposing(exposure(1), exposure(2));
  const connection = tcp.arrive("127.0.0.1 1");
  ports[Symbol.dispose]();
  assert.deepEqual([listening(), connection.fate], [[], "open"]);
});
