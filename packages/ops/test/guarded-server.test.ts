/** The HTTP server against clients that never end, never read, lie about themselves or send too much. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { bytes, millis } from "@ropewalk/kernel/units";
import { GuardedServer, type RequestHandler, type ServerLimits } from "@ropewalk/ops/guarded-server";
import { connectRaw, exchange, request, until } from "./http-client.ts";

const quick: Partial<ServerLimits> = {
  headers: millis(150),
  request: millis(300),
  response: millis(300),
  keepAlive: millis(150),
};
const hello: RequestHandler = (_request, response) => void response.end("hello");

async function serve(
  handler: RequestHandler = hello,
  limits: Partial<ServerLimits> = {},
  guard: "loopback" | "none" = "loopback",
) {
  const defects: unknown[] = [];
  const server = new GuardedServer({
    handler,
    clock: createSystemClock(),
    guard,
    limits,
    onDefect: (error) => defects.push(error),
  });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  assert.ok(port !== undefined);
  return { server, port, defects, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("a request of this machine is answered", async () => {
  await using served = await serve();
  assert.equal((await exchange(served.port, request("GET", "/"))).body, "hello");
});

test("a forged Host and a foreign Origin are refused with the reason, and counted", async () => {
  await using served = await serve();
  const forged = await exchange(served.port, request("GET", "/", { Host: "evil.example" }));
  assert.equal(forged.status, 403);
  assert.match(forged.body, /answers only to loopback names/);
  const foreign = await exchange(served.port, request("GET", "/", { Origin: "https://evil.example" }));
  assert.equal(foreign.status, 403);
  const twice = await exchange(
    served.port,
    "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
  );
  assert.ok(twice.status === 403 || twice.status === 400, String(twice.status));
  const absolute = await exchange(served.port, request("GET", "http://evil.example/"));
  assert.equal(absolute.status, 400);
  assert.ok(served.server.refused.foreign >= 2);
});

test("without the guard, for Unix sockets, any Host is answered", async () => {
  await using served = await serve(hello, {}, "none");
  assert.equal((await exchange(served.port, request("GET", "/", { Host: "anything" }))).status, 200);
});

test("a client that connects and says nothing is cut off", async () => {
  await using served = await serve(hello, quick);
  using client = await connectRaw(served.port);
  await client.closed();
});

test("a client that never ends its headers is cut off", async () => {
  await using served = await serve(hello, quick);
  using client = await connectRaw(served.port);
  client.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
  const dripping = setInterval(() => client.socket.write("X-A: b\r\n"), 20);
  await client.closed().finally(() => clearInterval(dripping));
  assert.match(client.text(), /^HTTP\/1\.1 408 /);
});

test("a client that never ends its body is cut off", async () => {
  const waiting: RequestHandler = (incoming, response) => void incoming.resume().once("end", () => response.end());
  await using served = await serve(waiting, { ...quick, response: millis(60_000) });
  using client = await connectRaw(served.port);
  client.socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  const dripping = setInterval(() => client.socket.write("x"), 20);
  await client.closed().finally(() => clearInterval(dripping));
});

test("a client that never reads its answer is cut off and counted", async () => {
  // More than the kernel's buffers of both ends hold.
  const large: RequestHandler = (_request, response) => void response.end(Buffer.alloc(32 * 1024 * 1024));
  await using served = await serve(large, quick);
  using client = await connectRaw(served.port);
  client.socket.pause();
  client.socket.write(request("GET", "/"));
  await until(
    () => served.server.refused.unread === 1,
    5_000,
    () => "not cut off",
  );
  client.socket.resume();
  await client.closed();
  assert.ok(client.text().length < 32 * 1024 * 1024);
});

test("a client that reads its answer octet by octet is cut off by the same deadline", async () => {
  const dripping: RequestHandler = (_request, response) => {
    const timer = setInterval(() => response.write("x"), 10);
    response.once("close", () => clearInterval(timer));
  };
  await using served = await serve(dripping, quick);
  using client = await connectRaw(served.port);
  client.socket.write(request("GET", "/"));
  await client.closed();
  assert.equal(served.server.refused.unread, 1);
});

test("a stream has no deadline for its answer", async () => {
  const clockwork: RequestHandler = (_request, response, { asStream }) => {
    asStream();
    const timer = setInterval(() => response.write("x"), 20);
    response.once("close", () => clearInterval(timer));
  };
  await using served = await serve(clockwork, quick);
  using client = await connectRaw(served.port);
  client.socket.write(request("GET", "/"));
  const began = performance.now();
  await until(
    () => performance.now() - began > 700,
    5_000,
    () => "",
  );
  assert.equal(client.socket.readableEnded, false);
  assert.equal(served.server.refused.unread, 0);
});

test("a connection that is kept and not used is closed", async () => {
  await using served = await serve(hello, quick);
  using client = await connectRaw(served.port);
  client.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await client.received(/hello/);
  await client.closed();
});

test("headers and bodies have a largest size, and a body says its length beforehand", async () => {
  await using served = await serve(hello, { bodySize: bytes(100) });
  assert.equal((await exchange(served.port, request("GET", "/", { "X-Long": "x".repeat(9_000) }))).status, 431);
  assert.equal((await exchange(served.port, request("POST", "/", { "Content-Length": "101" }))).status, 413);
  assert.equal((await exchange(served.port, request("POST", "/", { "Transfer-Encoding": "chunked" }))).status, 411);
  assert.equal((await exchange(served.port, `${request("POST", "/", { "Content-Length": "3" })}abc`)).status, 200);
  assert.equal(served.server.refused.body, 2);
});

test("what is not HTTP is answered with 400 and closed", async () => {
  await using served = await serve();
  assert.equal((await exchange(served.port, "\u0016\u0003\u0001\u0002\u0000\r\n\r\n")).status, 400);
});

test("connections beyond the bound are refused and counted", async () => {
  await using served = await serve(hello, { connections: 2 });
  using first = await connectRaw(served.port);
  using second = await connectRaw(served.port);
  using third = await connectRaw(served.port);
  await third.closed();
  assert.equal(served.server.refused.connections, 1);
  assert.equal(first.socket.destroyed || second.socket.destroyed, false);
});

test("a handler that throws is answered with 500, told, and the server goes on", async () => {
  let calls = 0;
  const broken: RequestHandler = (_request, response) => {
    calls += 1;
    if (calls === 1) throw new Error("defect");
    response.end("hello");
  };
  await using served = await serve(broken);
  const first = await exchange(served.port, request("GET", "/"));
  assert.equal(first.status, 500);
  assert.doesNotMatch(first.body, /defect\b.*at /);
  assert.equal(served.defects.length, 1);
  assert.equal((await exchange(served.port, request("GET", "/"))).body, "hello");
});

test("closing ends idle connections at once and lets a request end", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const slow: RequestHandler = (_request, response) => {
    asked += 1;
    void promise.then(() => response.end("late"));
  };
  await using served = await serve(slow);
  using idle = await connectRaw(served.port);
  using halfway = await connectRaw(served.port);
  halfway.socket.write("GET / HTTP/1.1\r\nHost: loc");
  using busy = await connectRaw(served.port);
  // The connection would be kept after this answer; a server that stops must not wait for its client.
  busy.socket.write(request("GET", "/", { Connection: "keep-alive" }));
  const notAsked = () => "the request did not arrive";
  await until(() => asked === 1, 30_000, notAsked);
  const began = performance.now();
  const closing = served.server.close(millis(30_000));
  resolve();
  await busy.received(/late/);
  await closing;
  await idle.closed();
  await halfway.closed();
  assert.ok(performance.now() - began < 25_000, "it waited for its clients");
});

test("closing ends requests that outlast the grace", async () => {
  let asked = 0;
  const stuck: RequestHandler = () => {
    asked += 1;
  };
  await using served = await serve(stuck);
  using client = await connectRaw(served.port);
  client.socket.write(request("GET", "/"));
  const notAsked = () => "the request did not arrive";
  await until(() => asked === 1, 30_000, notAsked);
  await served.server.close(millis(50));
  await client.closed();
});

test("a port that is taken is told as such", async () => {
  await using served = await serve();
  const other = new GuardedServer({
    handler: hello,
    clock: createSystemClock(),
    guard: "loopback",
    onDefect: () => {},
  });
  await assert.rejects(other.listen({ host: "127.0.0.1", port: served.port }), {
    code: "OPS_LISTEN",
    message: new RegExp(`cannot listen on 127\\.0\\.0\\.1:${served.port}: .*EADDRINUSE`),
  });
});
