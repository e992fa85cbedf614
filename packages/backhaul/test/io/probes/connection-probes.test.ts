/** TCP and TLS probes as far as the network in memory goes; certificates are proven on the real kernel. */
import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { ProbeRig, paths, target } from "./probe-rig.ts";

const server = { address: target.ipv4, port: 443 };
const tcp = { kind: "tcp", target: target.ipv4, port: 443 } as const;
const tls = { ...tcp, kind: "tls", serverName: "probe.test" } as const;

test("a TCP handshake is one round trip, and the connection is closed after it", async () => {
  await using rig = new ProbeRig();
  rig.network.onConnection(server, () => {});
  using _delay = rig.network.delay(() => true, millis(250));
  const id = rig.ask(tcp);
  await rig.pass(300);
  assert.deepEqual(rig.outcome(id), {
    id,
    result: { kind: "answered", rtt: 250 },
    traffic: { sent: 164, received: 60 },
  });
  assert.equal(rig.sockets.openCount, 0);
});

test("a closed port refuses, over either family", async () => {
  await using rig = new ProbeRig();
  for (const family of ["ipv4", "ipv6"] as const) {
    rig.network.addHost(target[family]);
    assert.deepEqual(await rig.now({ ...tcp, target: target[family] }, paths[family]), {
      kind: "refused",
      detail: "ECONNREFUSED, connection refused",
    });
  }
  assert.deepEqual(
    rig.outcomes.map(({ traffic }) => traffic.received),
    [40, 60],
  );
});

test("what this process may not do is told as such", async () => {
  await using rig = new ProbeRig();
  using _refusal = rig.network.fail(() => true, 1);
  const result = await rig.now(tcp);
  assert.ok(result.kind === "unsent" && result.cause === "no-privilege", JSON.stringify(result));
});

test("too many open files make a probe wait for better times", async () => {
  await using rig = new ProbeRig();
  using _refusal = rig.network.fail(() => true, 24);
  const result = await rig.now(tcp);
  assert.ok(result.kind === "unsent" && result.cause === "busy", JSON.stringify(result));
});

function serveRaw(rig: ProbeRig, act: (stream: Duplex, reset: () => void) => void): void {
  rig.network.onConnection(server, (stream, _departure, { reset }) => {
    stream.on("error", () => {});
    stream.once("data", () => act(stream, reset));
  });
}

test("garbage in the place of TLS was said by somebody in between", async () => {
  for (const garbage of ["220 mail.example ESMTP\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\x16\x03\x03\xff\xff"]) {
    await using rig = new ProbeRig();
    serveRaw(rig, (stream) => stream.write(garbage, "latin1"));
    const result = await rig.now(tls);
    assert.ok(result.kind === "intercepted", JSON.stringify(result));
    assert.match(result.detail, /^no TLS: ERR_SSL_/);
  }
});

test("a handshake without end is cut off", async () => {
  await using rig = new ProbeRig();
  // A handshake record that announces a message of 100 KB, then goes on and on.
  const record = Uint8Array.of(0x16, 3, 3, 0x10, 0, ...new Uint8Array(4_096));
  serveRaw(rig, (stream) => {
    stream.write(Uint8Array.of(0x16, 3, 3, 0, 4, 2, 0, 0xff, 0xff));
    for (let count = 0; count < 40; count += 1) stream.write(record);
  });
  assert.equal((await rig.now(tls)).kind, "intercepted");
});

test("a TLS alert is a refusal", async () => {
  await using rig = new ProbeRig();
  serveRaw(rig, (stream) => stream.write(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 112)));
  const result = await rig.now(tls);
  assert.ok(result.kind === "refused", JSON.stringify(result));
  assert.match(result.detail, /^TLS alert: .*UNRECOGNIZED_NAME/);
});

test("a connection that is closed or reset before a name is proven is a refusal", async () => {
  await using rig = new ProbeRig();
  const refused = { kind: "refused", detail: "the connection was closed before a name was proven" };
  serveRaw(rig, (stream) => stream.end());
  assert.deepEqual(await rig.now(tls), refused);
  serveRaw(rig, (_stream, reset) => reset());
  assert.deepEqual(await rig.now(tls), refused);
});

test("whoever accepts and then says nothing is silent", async () => {
  await using rig = new ProbeRig();
  rig.network.onConnection(server, () => {});
  const id = rig.ask(tls, seconds(2));
  await rig.pass(2_000);
  assert.deepEqual(rig.result(id), { kind: "silent" });
});

test("without a connection TLS was not asked", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  assert.deepEqual(await rig.now(tls), { kind: "skipped", detail: "no connection: ECONNREFUSED, connection refused" });
});
