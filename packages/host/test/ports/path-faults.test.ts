/** What the real sockets make of a kernel that refuses, and of a network that lies: each fault by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HostError, type HostErrorCode } from "@ropewalk/host/errors";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import type { PathSockets } from "@ropewalk/host/ports";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { ERRNO, SOCK } from "../../src/linux/native.ts";
import { encodeSocketAddress } from "../../src/linux/socket-address.ts";
import { encodeEchoRequest, internetChecksum } from "../../src/pure/echo-message.ts";
import { createScriptedNative } from "./scripted-native.ts";
import { binding, server, uplinks } from "./two-uplinks.ts";

const path = binding(uplinks[0], "ipv4");
const identifier = 0x4242;
const never = new AbortController().signal;
const payload = Uint8Array.of(1, 2, 3);

function createRig() {
  const scripted = createScriptedNative(path.name, { address: path.source, port: identifier });
  return { ...scripted, sockets: createLinuxPathSockets(scripted.native, { chance: () => identifier / 0x10000 }) };
}

const faults = [
  { call: "socket", errno: 24, code: "HOST_SOCKET" },
  { call: "setOption", errno: ERRNO.EINVAL, code: "HOST_SOCKET" },
  { call: "getOption", errno: ERRNO.ENODEV, code: "HOST_PATH_GONE" },
  { call: "bind", errno: ERRNO.EADDRNOTAVAIL, code: "HOST_PATH_GONE" },
  { call: "bind", errno: ERRNO.EACCES, code: "HOST_PERMISSION" },
] as const;
const openings: Readonly<Record<string, (sockets: PathSockets) => Promise<unknown>>> = {
  datagram: (sockets) => sockets.datagram(path),
  connection: (sockets) => sockets.connect(path, { address: server.ipv4, port: 1 }, never),
};
for (const { call, errno, code } of faults) {
  for (const [kind, open] of Object.entries(openings)) {
    test(`a ${kind} whose ${call} fails with errno ${errno} is ${code}, and its descriptor is closed`, async () => {
      const rig = createRig();
      rig.fail(call, errno);
      await assert.rejects(open(rig.sockets), (error) => error instanceof HostError && error.code === code);
      assert.deepEqual([...rig.open], []);
    });
  }
}

test("a descriptor that the event loop refuses, or whose port the kernel hides, is closed", async () => {
  for (const call of ["watchReadable", "localAddress"] as const) {
    const rig = createRig();
    rig.fail(call, ERRNO.EINVAL);
    await assert.rejects(rig.sockets.datagram(path));
    await assert.rejects(rig.sockets.echo(path));
    assert.deepEqual([...rig.open], [], call);
  }
});

test("a mark that is not allowed is left off and told", async () => {
  const rig = createRig();
  const { setOption } = rig.native;
  const unmarkable = {
    ...rig.native,
    setOption: (...call: Parameters<typeof setOption>) => (call[2] === 36 ? -ERRNO.EPERM : 0),
  };
  const sockets = createLinuxPathSockets(unmarkable, { chance: () => 0 });
  assert.equal((await sockets.datagram(path)).isMarked, false);
  assert.equal((await sockets.echo(path)).isMarked, false);
  assert.equal((await rig.sockets.datagram(path)).isMarked, true);
});

test("without ping sockets and without raw sockets, the error names what would do", async () => {
  const rig = createRig();
  rig.refuseType(SOCK.DGRAM);
  assert.equal((await rig.sockets.echo(path)).method, "raw-socket");
  rig.refuseType(SOCK.RAW);
  await assert.rejects(rig.sockets.echo(path), (error) => {
    assert.ok(error instanceof HostError);
    assert.equal(error.code satisfies HostErrorCode, "HOST_NO_ICMP");
    assert.match(error.message, /CAP_NET_RAW.*net\.ipv4\.ping_group_range/);
    return true;
  });
  assert.equal(rig.open.size, 1, "only the first is open");
});

function reply(options: { identifier?: number; sequence?: number; type?: number } = {}): Uint8Array {
  const message = encodeEchoRequest("ipv4", { identifier, sequence: 1, payload, ...options });
  message[0] = options.type ?? 0;
  message.set([0, 0], 2);
  new DataView(message.buffer).setUint16(2, internetChecksum(message));
  return message;
}

const from = (address: string) => encodeSocketAddress({ address: ipAddress(address), port: 0 });

test("replies of others, with other identifiers, unasked, repeated or spoilt are dropped and counted", async () => {
  const rig = createRig();
  const echo = await rig.sockets.echo(path);
  const heard: number[] = [];
  echo.onReply(({ sequence }) => heard.push(sequence));
  echo.send(server.ipv4, 1, payload);
  const peer = from(server.ipv4);
  rig.arrive(
    { payload: reply().subarray(0, 7), from: peer },
    { payload: new Uint8Array(), from: peer },
    { payload: reply().with(9, 0xff), from: peer },
    { payload: reply({ type: 8 }), from: peer },
    { payload: reply({ identifier: 0x4243 }), from: peer },
    { payload: reply(), from: from("203.0.113.9") },
    { payload: reply({ sequence: 2 }), from: peer },
  );
  assert.deepEqual(heard, []);
  assert.deepEqual(echo.dropped, { undecodable: 4, foreign: 3 });
  rig.arrive({ payload: reply(), from: peer }, { payload: reply(), from: peer });
  assert.deepEqual(heard, [1]);
  assert.deepEqual(echo.dropped, { undecodable: 4, foreign: 4 });
});

test("a raw socket's packets lose their IPv4 header first, and those without one are counted", async () => {
  const rig = createRig();
  rig.refuseType(SOCK.DGRAM);
  const echo = await rig.sockets.echo(path);
  const heard: Uint8Array[] = [];
  echo.onReply((answer) => heard.push(answer.payload));
  echo.send(server.ipv4, 1, payload);
  const header = Uint8Array.of(0x46, ...new Uint8Array(23));
  const peer = from(server.ipv4);
  rig.arrive({ payload: reply(), from: peer }, { payload: Uint8Array.of(...header, ...reply()), from: peer });
  assert.deepEqual(heard, [payload]);
  assert.deepEqual(echo.dropped, { undecodable: 1, foreign: 0 });
});

test("a reply tells how long it waited, and never less than no time, whatever the wall clock did", async () => {
  const rig = createRig();
  const echo = await rig.sockets.echo(path);
  const waits: number[] = [];
  echo.onReply(({ waited }) => waits.push(waited));
  for (const [sequence, age] of [12.5, -3_600_000].entries()) {
    echo.send(server.ipv4, sequence, payload);
    rig.setPacketAge(age);
    rig.arrive({ payload: reply({ sequence }), from: from(server.ipv4) });
  }
  assert.deepEqual(waits, [12.5, 0]);
});

test("a pending error of the socket is told and reading goes on", async () => {
  const rig = createRig();
  const socket = await rig.sockets.datagram(path);
  const heard: Uint8Array[] = [];
  socket.onMessage((message) => heard.push(message));
  rig.arrive(111, { payload, from: from("192.0.2.9") });
  assert.match(socket.lastError ?? "", /ECONNREFUSED/);
  assert.deepEqual(heard, [payload]);
});

test("datagrams of one turn do not share memory, so that each may be kept", async () => {
  const rig = createRig();
  const socket = await rig.sockets.datagram(path);
  const heard: Uint8Array[] = [];
  socket.onMessage((message) => heard.push(message));
  const peer = from("192.0.2.9");
  rig.arrive({ payload: Uint8Array.of(1), from: peer }, { payload: Uint8Array.of(2), from: peer });
  assert.deepEqual(heard, [Uint8Array.of(1), Uint8Array.of(2)]);
});

test("a datagram from an address of neither family is dropped", async () => {
  const rig = createRig();
  const socket = await rig.sockets.datagram(path);
  let heard = 0;
  socket.onMessage(() => {
    heard += 1;
  });
  rig.arrive({ payload, from: new Uint8Array(28) }, { payload, from: from("192.0.2.9") });
  assert.equal(heard, 1);
});

test("one turn takes a bounded number of datagrams, so that a flood leaves room for others", async () => {
  const rig = createRig();
  const socket = await rig.sockets.datagram(path);
  let heard = 0;
  socket.onMessage(() => {
    heard += 1;
  });
  rig.arrive(...new Array(1_000).fill({ payload, from: from("192.0.2.9") }));
  assert.equal(heard, 64);
  rig.arrive();
  assert.equal(heard, 128);
});

test("a listener that is disposed hears nothing more, and the others still do", async () => {
  const rig = createRig();
  const socket = await rig.sockets.datagram(path);
  const heard: string[] = [];
  const first = socket.onMessage(() => heard.push("first"));
  socket.onMessage(() => heard.push("second"));
  rig.arrive({ payload, from: from("192.0.2.9") });
  first[Symbol.dispose]();
  rig.arrive({ payload, from: from("192.0.2.9") });
  assert.deepEqual(heard, ["first", "second", "second"]);
});
