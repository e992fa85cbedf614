/** A TCP connection of Ropewalk's against one of Node's: octets, ends and resets come as bare TCP has them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { Recorder, record } from "./recorder.ts";
import { loopback, native, TcpWorld } from "./tcp-world.ts";

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

for (const side of ["connected", "accepted"] as const) {
  test(`${side}: octets go both ways, and both addresses are known`, async () => {
    await using world = new TcpWorld();
    const { near, peer } = await world[side]();
    const heard = record(near);
    peer.write("to the near end");
    await heard.until(() => heard.text === "to the near end");
    assert.equal(near.write([octets("to "), octets(""), octets("the peer")]), true);
    assert.equal(String((await once(peer.resume(), "data"))[0]), "to the peer");
    assert.deepEqual([near.remote.address, near.local.address], [loopback, loopback]);
    assert.deepEqual([near.remote.port, near.local.port], [peer.localPort, peer.remotePort]);
  });

  test(`${side}: Nagle's algorithm is off`, async () => {
    await using world = new TcpWorld();
    const { near } = await world[side]();
    const fd = near.release();
    const value = new Uint8Array(4);
    native.getOption(fd, 6, 1, value);
    native.close(fd);
    assert.equal(value[0], 1);
  });
}

test("after the peer's end this end still writes; with its own end all is over", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  peer.end("last");
  await heard.until(() => heard.told.includes("end"));
  near.write([octets("still here")]);
  near.finish();
  await heard.closed();
  assert.equal((await buffer(peer)).toString(), "still here");
  assert.deepEqual([heard.text, heard.told], ["last", ["octets", "end", "closed ended"]]);
});

test("after its own end this end still reads", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  near.finish();
  await once(peer.resume(), "end");
  peer.write("still ");
  peer.end("there");
  await heard.closed();
  assert.deepEqual([heard.text, heard.told], ["still there", ["octets", "end", "closed ended"]]);
});

test("a reset is no end", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  peer.resetAndDestroy();
  await heard.closed();
  assert.deepEqual(heard.told, ["closed ECONNRESET"]);
});

test("what came before a reset is told before it, and no end is made up", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  peer.write("x".repeat(100_000));
  await once(peer, "drain").catch(() => {});
  peer.resetAndDestroy();
  await once(peer, "close");
  const heard = record(near, new Recorder(7_000));
  await heard.closed();
  assert.deepEqual([heard.text.length, heard.told], [100_000, ["octets", "closed ECONNRESET"]]);
});

test("a reset that comes behind the end is told besides it", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  peer.end();
  await heard.until(() => heard.told.includes("end"));
  peer.resetAndDestroy();
  await heard.closed();
  assert.deepEqual(heard.told, ["end", "closed ECONNRESET"]);
});

test("a peer that closes without reading answers the next octets by a reset", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  peer.destroy();
  await heard.until(() => heard.told.includes("end"));
  near.write([octets("too late")]);
  await heard.closed();
  assert.deepEqual(heard.told, ["end", "closed ECONNRESET"]);
});

test("a reset while reading pauses waits with what came before it", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = new Recorder();
  heard.isReading = false;
  const asked = new Promise<void>((resolve) => {
    heard.also = (event) => event === "room" && resolve();
  });
  near.start(heard);
  peer.write("before");
  await asked;
  peer.resetAndDestroy();
  await once(peer, "close");
  await new Promise(setImmediate);
  assert.deepEqual(heard.told, []);
  heard.isReading = true;
  near.resume();
  await heard.closed();
  assert.deepEqual([heard.text, heard.told], ["before", ["octets", "closed ECONNRESET"]]);
});

test("a write that meets a reset ends the connection, though reading pauses", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = new Recorder();
  heard.isReading = false;
  const asked = new Promise<void>((resolve) => {
    heard.also = (event) => event === "room" && resolve();
  });
  near.start(heard);
  peer.write("never read");
  await asked;
  peer.resetAndDestroy();
  await once(peer, "close");
  assert.equal(near.write([octets("to nobody")]), false);
  assert.deepEqual(heard.told, [], "nothing is told from inside a call");
  await heard.closed();
  assert.deepEqual(heard.told, ["closed ECONNRESET"]);
});

test("a write that meets a reset leaves what came before it to be read", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  peer.write("y".repeat(50_000));
  peer.resetAndDestroy();
  await once(peer, "close");
  const heard = record(near, new Recorder(1_000));
  assert.equal(near.write([octets("to nobody")]), false);
  await heard.closed();
  assert.deepEqual([heard.text.length, heard.told], [50_000, ["octets", "closed ECONNRESET"]]);
});

test("this end's reset is a reset to the peer", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  near.reset();
  const [error] = (await once(peer.resume(), "error")) as [NodeJS.ErrnoException];
  await heard.closed();
  assert.deepEqual([error.code, heard.told], ["ECONNRESET", ["closed ended"]]);
});

test("what was read before by somebody else is told first, through rooms of any size", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const adopted = world.own(world.tcp.adopt(near.release(), [octets("early "), octets(""), octets("and ")]));
  peer.end("late");
  const heard = record(adopted, new Recorder(4));
  await heard.until(() => heard.told.includes("end"));
  assert.equal(heard.text, "early and late");
  assert.deepEqual(adopted.remote, near.remote);
});

test("a connection that is given away lives on, and this end hears nothing of it", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  const again = record(world.own(world.tcp.adopt(near.release())));
  assert.equal(near.write([octets("x")]), false);
  near[Symbol.dispose]();
  peer.end("to the new owner");
  await again.until(() => again.told.includes("end"));
  assert.deepEqual([again.text, heard.told], ["to the new owner", []]);
});

test("until it is started nothing is told and nothing is lost", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  assert.throws(() => near.write([octets("x")]), /before its start/);
  peer.end("patience");
  await once(peer, "finish");
  await new Promise(setImmediate);
  const heard = record(near);
  assert.throws(() => near.start(heard), /twice/);
  await heard.until(() => heard.told.includes("end"));
  assert.equal(heard.text, "patience");
});

test("a descriptor that is no connection is closed and refused", async () => {
  await using world = new TcpWorld();
  const fd = native.socket(2, 1, 0);
  assert.throws(() => world.tcp.adopt(fd), { code: "HOST_SOCKET" });
  assert.equal(native.localAddress(fd), -9);
});

test("the kernel tells of the way to the peer", async () => {
  await using world = new TcpWorld();
  const { near } = await world.accepted();
  const info = near.info();
  assert.ok(info !== undefined && info.rttMicroseconds > 0 && info.segmentBytes > 500, JSON.stringify(info));
  assert.equal(info.retransmits, 0);
  near[Symbol.dispose]();
  assert.equal(near.info(), undefined);
});
