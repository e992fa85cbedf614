/** Event streams: where a reader begins, and what becomes of one that does not keep up. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { kibibytes, seconds } from "@ropewalk/kernel/units";
import { EventLog } from "@ropewalk/ops/event-log";
import { EventStream, type EventStreamLimits } from "@ropewalk/ops/event-stream";
import { GuardedServer } from "@ropewalk/ops/guarded-server";
import { connectRaw, request, until } from "./http-client.ts";

async function serve(limits: Partial<EventStreamLimits> = {}, capacity = 4) {
  const clock = new FakeClock();
  const log = new EventLog<string>({ epoch: "run1", capacity });
  const stream = new EventStream<string>({
    log,
    snapshot: () => ({ event: "snapshot", data: `up to ${log.latest}` }),
    encode: (text) => ({ event: "change", data: text }),
    clock,
    limits,
  });
  const server = new GuardedServer({
    handler: (incoming, response, { asStream }) => {
      asStream();
      if (!stream.open(response, incoming.headersDistinct["last-event-id"]?.[0])) response.writeHead(503).end();
    },
    clock: createSystemClock(),
    guard: "loopback",
    onDefect: (error) => assert.fail(String(error)),
  });
  // On a Unix socket, where an event of this machine is read; its buffers are smaller than loopback's.
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-stream-"));
  const path = join(folder, "socket");
  await server.listen({ path });
  const subscribe = async (headers: Readonly<Record<string, string>> = {}) => {
    const client = await connectRaw(path);
    client.socket.write(request("GET", "/", headers));
    return client;
  };
  const stop = async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  };
  return { clock, log, stream, subscribe, [Symbol.asyncDispose]: stop };
}

test("a new reader begins with the whole picture and then hears each change", async () => {
  await using served = await serve();
  served.log.append("before");
  using reader = await served.subscribe();
  await reader.received(/id: run1-1\nevent: snapshot\ndata: up to run1-1\n\n/);
  served.log.append("after");
  const text = await reader.received(/id: run1-2\nevent: change\ndata: after\n\n/);
  assert.doesNotMatch(text, /data: before/);
  assert.match(text, /Content-Type: text\/event-stream/);
});

test("a reader who comes back is given what it missed, and no picture", async () => {
  await using served = await serve();
  for (const text of ["one", "two", "three"]) served.log.append(text);
  using reader = await served.subscribe({ "Last-Event-ID": "run1-1" });
  const text = await reader.received(/data: three/);
  assert.match(text, /data: two/);
  assert.doesNotMatch(text, /snapshot|data: one/);
});

test("a reader who missed nothing sees its headers at once", async () => {
  await using served = await serve();
  using reader = await served.subscribe({ "Last-Event-ID": "run1-0" });
  assert.doesNotMatch(await reader.received(/\r\n\r\n[\s\S]*:\n\n/), /snapshot/);
});

test("a reader who was away too long, or comes from another run, begins anew", async () => {
  await using served = await serve({}, 2);
  for (const text of ["one", "two", "three", "four"]) served.log.append(text);
  for (const id of ["run1-1", "run0-3", "nonsense"]) {
    using reader = await served.subscribe({ "Last-Event-ID": id });
    await reader.received(/event: snapshot\ndata: up to run1-4/);
  }
});

test("every reader is sent a comment at each heartbeat, and no timer runs without readers", async () => {
  await using served = await serve();
  assert.deepEqual(served.clock.pendingTimers(), []);
  {
    using reader = await served.subscribe();
    await reader.received(/snapshot/);
    served.clock.advance(seconds(15));
    await reader.received(/(?:\n:\n\n[\s\S]*){1}/);
    served.clock.advance(seconds(15));
    await reader.received(/(?:\n:\n\n[\s\S]*){2}/);
  }
  await until(
    () => served.stream.readers === 0,
    5_000,
    () => "the reader was not noticed to be gone",
  );
  assert.deepEqual(served.clock.pendingTimers(), []);
});

test("a reader who leaves too much waiting for too long is cut off and counted, and the others hear everything", async () => {
  await using served = await serve();
  using slow = await served.subscribe();
  using quick = await served.subscribe();
  await slow.received(/snapshot/);
  await quick.received(/snapshot/);
  slow.socket.pause();
  for (let sent = 0; sent < 32; sent += 1)
    await quick.received(new RegExp(`id: ${served.log.append("x".repeat(32_768))}\n`));
  assert.equal(served.stream.cutOff, 0);
  served.clock.advance(seconds(1));
  assert.equal(served.stream.cutOff, 1);
  assert.equal(served.stream.readers, 1);
  served.log.append("last");
  await quick.received(/data: last/);
});

test("a reader who leaves far too much waiting is cut off at once", async () => {
  await using served = await serve({ burst: kibibytes(512) });
  using slow = await served.subscribe();
  await slow.received(/snapshot/);
  slow.socket.pause();
  for (let sent = 0; sent < 40; sent += 1) served.log.append("x".repeat(32_768));
  assert.equal(served.stream.cutOff, 1);
  assert.deepEqual(served.clock.pendingTimers(), []);
});

test("a reader who takes what it is sent is not cut off by many events in one turn", async () => {
  await using served = await serve();
  using reader = await served.subscribe();
  await reader.received(/snapshot/);
  for (let sent = 0; sent < 100; sent += 1) served.log.append("x".repeat(10_000));
  await reader.received(/id: run1-100\n/);
  served.clock.advance(seconds(1));
  assert.equal(served.stream.cutOff, 0);
});

test("a picture larger than the bound is sent whole", async () => {
  await using served = await serve({ unsent: kibibytes(1) }, 2_000);
  for (let sent = 0; sent < 1_000; sent += 1) served.log.append("x".repeat(10_000));
  using reader = await served.subscribe({ "Last-Event-ID": "run1-0" });
  await reader.received(/id: run1-1\n/);
  served.log.append("next");
  await reader.received(/id: run1-1001\n/);
  assert.equal(served.stream.cutOff, 0);
});

test("an event has left the program when append returns", async () => {
  const log = new EventLog<string>({ epoch: "run1", capacity: 4 });
  const clock = new FakeClock();
  using stream = new EventStream<string>({ log, snapshot: () => ({ data: "" }), encode: (data) => ({ data }), clock });
  const responses: ServerResponse[] = [];
  await using served = new GuardedServer({
    handler: (_request, response, { asStream }) => {
      asStream();
      stream.open(response, undefined);
      responses.push(response);
    },
    clock: createSystemClock(),
    guard: "none",
    onDefect: (error) => assert.fail(String(error)),
  });
  const { port = 0 } = await served.listen({ host: "127.0.0.1", port: 0 });
  using reader = await connectRaw(port);
  reader.socket.write(request("GET", "/"));
  await reader.received(/data: \n/);
  log.append("one");
  assert.deepEqual(
    responses.map((response) => response.writableLength),
    [0],
  );
});

test("readers beyond the bound are refused", async () => {
  await using served = await serve({ readers: 1 });
  using first = await served.subscribe();
  await first.received(/snapshot/);
  using second = await served.subscribe();
  await second.received(/^HTTP\/1\.1 503 /);
});

test("disposing ends every stream and hears nothing more", async () => {
  await using served = await serve();
  using reader = await served.subscribe();
  await reader.received(/snapshot/);
  served.stream[Symbol.dispose]();
  served.log.append("late");
  await reader.closed();
  assert.doesNotMatch(reader.text(), /late/);
  assert.deepEqual(served.clock.pendingTimers(), []);
});
