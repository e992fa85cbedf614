/** TCP by one path, into silence, and to where no route leads: on interfaces of a namespace of its own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { loopback, native, TcpWorld } from "../tcp/tcp-world.ts";

const descriptors = (): number => readdirSync("/proc/self/fd").length;
const ip = (...args: string[]) => execFileSync("ip", args);
const binding = (name: string, ifindex: number, source: string): PathBinding => ({
  ...{
    uplinkId: name as UplinkId,
    name,
    ifindex,
    family: "ipv4",
    source: ipAddress(source),
    gateway: null,
    mark: 0x100,
  },
  ...{ mtu: bytes(1_500), metered: null, state: "unknown", score: null },
});
const SOL_SOCKET = 1;
const SO = { MARK: 36, BINDTOIFINDEX: 62 };

inOwnNamespace(fileURLToPath(import.meta.url), () => {
  // What is sent there is lost: nobody has that link-layer address.
  ip("link", "add", "silent", "type", "veth", "peer", "name", "void");
  ip("link", "set", "void", "up");
  ip("address", "add", "192.0.2.1/24", "dev", "silent");
  ip("link", "set", "silent", "up");
  ip("neighbour", "add", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev", "silent");

  test("a connection on a path is bound to its device and source, and marked", async () => {
    await using world = new TcpWorld();
    const { listener, next } = world.listening({ address: loopback, port: 0 });
    const near = await world.tcp.connect(listener.local, {
      signal: AbortSignal.timeout(10_000),
      binding: binding("lo", 1, "127.0.0.9"),
    });
    assert.equal((await next()).remote.address, "127.0.0.9");
    const fd = near.release();
    const told = Object.values(SO).map((name) => {
      const value = new Uint8Array(4);
      native.getOption(fd, SOL_SOCKET, name, value);
      return new DataView(value.buffer).getInt32(0, true);
    });
    native.close(fd);
    assert.deepEqual(told, [0x100, 1]);
  });

  test("a path that is gone, and an address of another family, are refused by name", async () => {
    await using world = new TcpWorld();
    const to = { address: loopback, port: 9 };
    const signal = AbortSignal.timeout(10_000);
    const before = descriptors();
    await assert.rejects(world.tcp.connect(to, { signal, binding: binding("lo", 1, "192.0.2.7") }), {
      code: "HOST_PATH_GONE",
    });
    const other = { address: ipAddress("::1"), port: 9 };
    await assert.rejects(world.tcp.connect(other, { signal, binding: binding("lo", 1, "127.0.0.1") }), {
      code: "HOST_SOCKET",
    });
    assert.equal(descriptors(), before);
  });

  test("without a route the system's own word is told", async () => {
    await using world = new TcpWorld();
    await assert.rejects(
      world.tcp.connect({ address: ipAddress("198.51.100.1"), port: 9 }, { signal: AbortSignal.timeout(10_000) }),
      { code: "HOST_SOCKET", errno: 101 },
    );
  });

  test("connecting into silence ends when it is aborted, with the reason and without a descriptor", async () => {
    await using world = new TcpWorld();
    const before = descriptors();
    const reason = new Error("given up");
    const giveUp = new AbortController();
    const connecting = world.tcp.connect({ address: ipAddress("192.0.2.9"), port: 9 }, { signal: giveUp.signal });
    const settled = connecting.catch((error: unknown) => error);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    assert.equal(descriptors(), before + 1);
    giveUp.abort(reason);
    assert.equal(await settled, reason);
    assert.equal(descriptors(), before);
  });

  test("what the system forbids is told as a lack of permission", async () => {
    await using world = new TcpWorld();
    ip("rule", "add", "to", "192.0.2.77", "prohibit", "priority", "10");
    await assert.rejects(
      world.tcp.connect({ address: ipAddress("192.0.2.77"), port: 9 }, { signal: AbortSignal.timeout(10_000) }),
      { code: "HOST_PERMISSION", errno: 13 },
    );
  });
});
