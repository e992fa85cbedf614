/** Writing to a TCP connection, and pausing its reading: what the kernel does not take waits, in order and counted. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Recorder, record } from "./recorder.ts";
import { loopback, TcpWorld } from "./tcp-world.ts";

/** Octets of which any piece that is lost, doubled or moved shows. */
function pattern(bytes: number): Uint8Array {
  const filled = new Uint8Array(bytes);
  for (let index = 0; index < bytes; index += 1) filled[index] = (index * 31 + (index >> 8) * 7 + (index >> 16)) & 255;
  return filled;
}

const more = pattern(24 * 2 ** 20);

test("more than the kernel takes arrives whole, and this end is told once when it is gone", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  assert.equal(near.write([more.subarray(0, 1), more.subarray(1, 3_000_000), more.subarray(3_000_000)]), false);
  assert.throws(() => near.write([more]), /before onWritable/);
  assert.ok(near.unsent() > 0 && near.unacknowledged() >= near.unsent());
  const arrived = buffer(peer);
  await heard.until(() => heard.told.includes("writable"));
  near.finish();
  assert.ok((await arrived).equals(more));
  peer.end();
  await heard.closed();
  assert.deepEqual(heard.told, ["writable", "end", "closed ended"]);
  assert.deepEqual([near.unsent(), near.unacknowledged()], [0, 0]);
});

test("the end comes behind what was not yet taken", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = record(near);
  assert.equal(near.write([more]), false);
  near.finish();
  assert.throws(() => near.write([more]), /after finish/);
  assert.ok((await buffer(peer)).equals(more));
  peer.end();
  await heard.closed();
  assert.deepEqual(heard.told, ["writable", "end", "closed ended"]);
});

/** Reads when it is told to, and says how much came before the reset. */
const countingPeer = `
const { connect } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
let count = 0;
const socket = connect(workerData, "127.0.0.1").pause();
socket.on("error", ({ code }) => parentPort.postMessage({ count, code }));
parentPort.once("message", () => socket.on("data", (octets) => (count += octets.length)).resume());
`;

test("a reset goes behind what the kernel takes by then of what waits, and of what is given with it", async () => {
  await using world = new TcpWorld();
  const { listener, next } = world.listening({ address: loopback, port: 0 });
  await using peer = new Worker(countingPeer, { eval: true, workerData: listener.local.port });
  const near = await next();
  record(near);
  const parts = Array.from({ length: 50 }, () => new Uint8Array(1_000));
  let given = 50_000;
  while (near.write(parts)) given += 50_000;
  const said = once(peer, "message");
  peer.postMessage("read");
  // All in one turn, so that nobody tells this end that the kernel takes more.
  const until = performance.now() + 30_000;
  while (near.unacknowledged() > 0) assert.ok(performance.now() < until, "the peer does not read");
  near.reset([new Uint8Array(100), new Uint8Array(50)]);
  assert.deepEqual(await said, [{ count: given + 150, code: "ECONNRESET" }]);
});

test("a write may be of any number of parts, empty ones among them", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  record(near);
  const parts = Array.from({ length: 1_000 }, (_, index) => more.subarray(index * 100, index * 100 + (index % 3) * 50));
  for (const some of [parts, [], [new Uint8Array(0)], parts.slice(0, 64), parts.slice(0, 65)]) near.write(some);
  near.finish();
  const expected = Buffer.concat([...parts, ...parts.slice(0, 64), ...parts.slice(0, 65)]);
  assert.ok((await buffer(peer)).equals(expected));
});

test("many large parts go on where the kernel left off", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  record(near);
  const parts = Array.from({ length: 300 }, (_, index) => more.subarray(index * 80_000, (index + 1) * 80_000));
  assert.equal(near.write(parts), false);
  near.finish();
  assert.ok((await buffer(peer)).equals(more.subarray(0, 24_000_000)));
});

test("the kernel keeps about as much unsent as it was told to", async () => {
  await using world = new TcpWorld();
  const unsent: number[] = [];
  for (const bound of [undefined, 65_536]) {
    const { near } = await world.accepted();
    record(near);
    if (bound !== undefined) near.boundUnsent(bound);
    assert.equal(near.write([more]), false);
    unsent.push(near.unsent());
  }
  const [free = 0, bounded = 0] = unsent;
  assert.ok(free > 500_000, `unbounded: ${free}`);
  assert.ok(bounded <= 65_536 + 2 * 65_536, `bounded: ${bounded}`);
});

test("while reading pauses nothing is read; then all is, and the end behind it", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = new Recorder();
  heard.isReading = false;
  let asked = 0;
  const first = new Promise<void>((resolve) => {
    heard.also = (event) => {
      if (event !== "room") return;
      asked += 1;
      resolve();
    };
  });
  near.start(heard);
  peer.end(Buffer.from(more.subarray(0, 500_000)));
  await first;
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  assert.deepEqual([asked, heard.told], [1, []], "asked once until it is resumed");
  heard.isReading = true;
  near.resume();
  await heard.until(() => heard.told.includes("end"));
  assert.ok(heard.received.equals(more.subarray(0, 500_000)));
});

test("reading may pause between any two reads, and be resumed at once", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = new Recorder(10_000);
  heard.also = (event) => {
    if (event === "octets") heard.isReading = false;
    if (event !== "room" || heard.isReading) return;
    // The pause begins when `room` has returned.
    setImmediate(() => {
      heard.isReading = true;
      near.resume();
    });
  };
  near.start(heard);
  peer.end(Buffer.from(more.subarray(0, 300_000)));
  await heard.until(() => heard.told.includes("end"));
  assert.ok(heard.received.equals(more.subarray(0, 300_000)));
});

test("a peer that stalls holds up this connection and no other", async () => {
  await using world = new TcpWorld();
  const stalled = await world.accepted();
  const other = await world.accepted();
  record(stalled.near);
  stalled.near.write([more]);
  const heard = record(other.near);
  heard.also = (event) => event === "octets" && other.near.write([heard.received.subarray(-4)]);
  for (let round = 0; round < 50; round += 1) {
    other.peer.write("ping");
    await once(other.peer.resume(), "data");
  }
  assert.equal(heard.received.length, 200);
});
