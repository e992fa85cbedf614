/** Which sockets end when an uplink does, and which do not: real ones, of programs that wait for their data. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import { countStranded, destroyStranded } from "@ropewalk/host/linux/stranded-sockets";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipBatch } from "./namespace-world.ts";

const dead = ipAddress("192.0.2.2");
const alive = ipAddress("198.51.100.2");

/** A path that is bound to the loopback device. */
const onLoopback: PathBinding = {
  ...{ uplinkId: "lo" as UplinkId, name: "lo", ifindex: 1, family: "ipv4", source: dead, gateway: null, mark: 0x100 },
  ...{ mtu: bytes(65_536), metered: false, state: "unknown", score: null },
};

/** Connected from `from`; `ended` resolves with the error's code, or undefined when it closed without one. */
async function connected(server: Server, from: IpAddress): Promise<{ socket: Socket; ended: Promise<unknown> }> {
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const socket = dial({ host: "203.0.113.1", port: address.port, localAddress: from });
  const ended = new Promise((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once("close", () => resolve(undefined));
  });
  await once(socket, "connect");
  return { socket, ended };
}

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => {}));
  server.listen(0, "203.0.113.1");
  await once(server, "listening");
  return server;
}

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();
  ipBatch([`addr add ${dead}/32 dev lo`, `addr add ${alive}/32 dev lo`, "addr add 203.0.113.1/32 dev lo"]);

  test("connections from a dead source end at once, those from others and listeners stay", async () => {
    await using server = await listening();
    const own = createServer().listen(0, dead);
    await once(own, "listening");
    const stranded = await Promise.all(Array.from({ length: 20 }, () => connected(server, dead)));
    const innocent = await Promise.all(Array.from({ length: 20 }, () => connected(server, alive)));
    const outcome = destroyStranded(native, new Set([dead]));
    assert.deepEqual([outcome.removed, outcome.refused], [20, 0]);
    assert.deepEqual(await Promise.all(stranded.map(({ ended }) => ended)), Array(20).fill("ECONNABORTED"));
    for (const { socket } of innocent) assert.equal(socket.destroyed, false);
    assert.equal(own.listening, true);
    const { socket, ended } = innocent[0] ?? assert.fail();
    assert.equal(destroyStranded(native, new Set([dead])).removed, 0);
    socket.destroy();
    assert.equal(await ended, undefined);
    for (const one of innocent) one.socket.destroy();
    own.close();
  });

  test("an IPv6 socket that speaks IPv4 and a connected UDP socket end too, an unconnected one stays", async () => {
    await using server = await listening();
    const mapped = dial({ host: "::ffff:203.0.113.1", port: portOf(server), localAddress: `::ffff:${dead}` });
    const code = new Promise((resolve) => mapped.once("error", (error: NodeJS.ErrnoException) => resolve(error.code)));
    await once(mapped, "connect");
    const udp = createSocket("udp4");
    await new Promise<void>((resolve) => udp.bind(0, dead, resolve));
    await new Promise<void>((resolve) => udp.connect(9, "203.0.113.1", () => resolve()));
    const free = createSocket("udp4");
    await new Promise<void>((resolve) => free.bind(0, dead, resolve));
    const outcome = destroyStranded(native, new Set([dead]));
    assert.equal(outcome.removed, 2);
    assert.equal(await code, "ECONNABORTED");
    udp.close();
    free.close();
  });

  test("what is spared stays: our own sockets on the path that died must see it live again", async () => {
    await using server = await listening();
    const { socket } = await connected(server, dead);
    const outcome = destroyStranded(native, new Set([dead]), ({ source }) => source === dead);
    assert.deepEqual(outcome, { removed: 0, gone: 0, refused: 0, detail: undefined });
    assert.equal(socket.destroyed, false);
    socket.destroy();
  });

  test("a socket tells the interface that it is bound to, so that it can be spared", async () => {
    await using server = await listening();
    const { socket } = await connected(server, dead);
    const paths = createLinuxPathSockets(native, { chance: Math.random });
    const to = { address: ipAddress("203.0.113.1"), port: portOf(server) };
    await using bound = await paths.connect(onLoopback, to, new AbortController().signal);
    const isBound = ({ boundTo }: { readonly boundTo: number }) => boundTo === 1;
    assert.deepEqual([countStranded(native, new Set([dead])), countStranded(native, new Set([dead]), isBound)], [2, 1]);
    assert.equal(destroyStranded(native, new Set([dead]), isBound).removed, 1);
    assert.equal(countStranded(native, new Set([dead])), 1);
    socket.destroy();
    assert.equal(bound.stream.destroyed, false);
  });

  test("of a thousand sockets exactly those of the dead source end", async () => {
    await using server = await listening();
    const open = (count: number, from: IpAddress) =>
      Promise.all(Array.from({ length: count }, () => connected(server, from)));
    const stranded = await open(400, dead);
    const innocent = await open(600, alive);
    assert.equal(countStranded(native, new Set([dead])), 400);
    assert.deepEqual(destroyStranded(native, new Set([dead])), {
      removed: 400,
      gone: 0,
      refused: 0,
      detail: undefined,
    });
    assert.deepEqual(new Set(await Promise.all(stranded.map(({ ended }) => ended))), new Set(["ECONNABORTED"]));
    assert.ok(innocent.every(({ socket }) => !socket.destroyed));
    assert.equal(countStranded(native, new Set([alive])), 600);
    for (const { socket } of innocent) socket.destroy();
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
