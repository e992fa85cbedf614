/** Listening and connecting: addresses and errors by name, and no descriptor left whatever happens. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { HostError } from "@ropewalk/host/errors";
import type { TcpConnection } from "@ropewalk/host/tcp";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { Recorder, record } from "./recorder.ts";
import { loopback, TcpWorld } from "./tcp-world.ts";

const descriptors = (): number => readdirSync("/proc/self/fd").length;
const soon = (): AbortSignal => AbortSignal.timeout(30_000);

test("a listener takes IPv6, or all addresses of a family, and knows which it was", async () => {
  await using world = new TcpWorld();
  for (const [at, by] of [
    ["::1", "::1"],
    ["0.0.0.0", "127.0.0.1"],
    ["::", "::1"],
  ] as const) {
    const { listener, next } = world.listening({ address: ipAddress(at), port: 0 });
    const connecting = world.tcp.connect({ address: ipAddress(by), port: listener.local.port }, { signal: soon() });
    const near = await next();
    const far = world.own(await connecting);
    assert.deepEqual([near.remote, near.local], [far.local, far.remote]);
    assert.deepEqual([listener.local.address, near.local.address], [at, by]);
  }
});

test("an IPv6 listener leaves the IPv4 port to others", async () => {
  await using world = new TcpWorld();
  const { listener } = world.listening({ address: ipAddress("::"), port: 0 });
  world.listening({ address: ipAddress("0.0.0.0"), port: listener.local.port });
});

test("an address in use is named, and costs no descriptor", async () => {
  await using world = new TcpWorld();
  const { listener } = world.listening({ address: loopback, port: 0 });
  const before = descriptors();
  assert.throws(
    () => world.listening(listener.local),
    (error) =>
      error instanceof HostError &&
      error.code === "HOST_ADDRESS_IN_USE" &&
      error.message.includes(`127.0.0.1 port ${listener.local.port} `),
  );
  assert.throws(() => world.listening({ address: ipAddress("192.0.2.1"), port: 0 }), {
    code: "HOST_SOCKET",
    errno: 99,
  });
  assert.equal(descriptors(), before);
});

test("a port is free at once when its listener is gone, though a connection of it lives", async () => {
  await using world = new TcpWorld();
  const { listener, next } = world.listening({ address: loopback, port: 0 });
  world.peerOf(listener.local);
  record(await next());
  listener[Symbol.dispose]();
  listener[Symbol.dispose]();
  world.listening(listener.local);
});

test("while a listener pauses connections wait", async () => {
  await using world = new TcpWorld();
  const { listener, next } = world.listening({ address: loopback, port: 0 });
  listener.pause();
  const peer = world.peerOf(listener.local);
  await once(peer, "connect");
  const waiting = next();
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  const undecided = await Promise.race([waiting, new Promise((resolve) => setImmediate(resolve, "waits"))]);
  assert.equal(undecided, "waits");
  listener.resume();
  assert.equal((await waiting).remote.port, peer.localPort);
});

test("a connection that stands only after a while is one like any other", async () => {
  await using world = new TcpWorld();
  const onConnection = (come: TcpConnection) => {
    record(world.own(come));
    come.finish();
  };
  const listener = world.tcp.listen(
    { address: loopback, port: 0 },
    { onConnection, onExhausted: assert.fail },
    { backlog: 0 },
  );
  listener.pause();
  // It fills the kernel's queue, so that the next is not answered before it tries again, a second later.
  world.own(await world.tcp.connect(listener.local, { signal: soon() }));
  const connecting = world.tcp.connect(listener.local, { signal: soon() });
  const first = await Promise.race([connecting, new Promise((resolve) => setImmediate(resolve, "not yet"))]);
  assert.equal(first, "not yet");
  listener.resume();
  const heard = record(world.own(await connecting));
  await heard.until(() => heard.told.includes("end"));
  listener[Symbol.dispose]();
});

test("who is refused is told by whom", async () => {
  await using world = new TcpWorld();
  const { listener } = world.listening({ address: loopback, port: 0 });
  listener[Symbol.dispose]();
  const before = descriptors();
  await assert.rejects(world.tcp.connect(listener.local, { signal: soon() }), {
    code: "HOST_SOCKET",
    errno: 111,
    message: `could not connect to 127.0.0.1 port ${listener.local.port}: ECONNREFUSED, connection refused`,
  });
  const reason = new Error("no longer wanted");
  await assert.rejects(world.tcp.connect(listener.local, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(descriptors(), before);
});

test("10,000 connections that came and went leave no descriptor", async () => {
  await using world = new TcpWorld();
  const { listener, next } = world.listening({ address: loopback, port: 0 });
  const signal = new AbortController().signal;
  let before = 0;
  for (let round = 0; round <= 100; round += 1) {
    if (round === 1) before = descriptors();
    await Promise.all(Array.from({ length: 100 }, (_, index) => comeAndGo(index)));
  }
  assert.equal(descriptors(), before);

  async function comeAndGo(index: number): Promise<void> {
    const [near, far] = await Promise.all([world.tcp.connect(listener.local, { signal }), next()]);
    const [heardNear, heardFar] = [record(near, new Recorder(16)), record(far, new Recorder(16))];
    near.write([Uint8Array.of(index)]);
    await heardFar.until(() => heardFar.received.length === 1);
    // By reset mostly, which leaves no port in TIME-WAIT.
    if (index === 0) near.finish();
    else near.reset();
    await heardFar.until(() => heardFar.isClosed || heardFar.told.includes("end"));
    far.finish();
    await Promise.all([heardNear.closed(), heardFar.closed()]);
  }
});

test("out of descriptors a listener says so once, and goes on when there are some", () => {
  const main = fileURLToPath(new URL("tcp-exhausted-main.ts", import.meta.url));
  const options = { encoding: "utf8", timeout: 30_000, killSignal: "SIGKILL" } as const;
  const program = ['ulimit -n 64 && exec "$@"', "sh", process.execPath, ...process.execArgv, main];
  const { status, stdout, stderr } = spawnSync("sh", ["-c", ...program], options);
  assert.deepEqual(
    { status, stdout: JSON.parse(stdout || "null") },
    { status: 0, stdout: ["EMFILE", "EMFILE"] },
    stderr,
  );
});
