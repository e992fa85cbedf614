/** The check page: whoever answers otherwise than expected is in between, and whoever answers without end is cut off. */
import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { respond } from "./dns-peers.ts";
import { ProbeRig, paths, target } from "./probe-rig.ts";

const server = { address: target.ipv4, port: 80 };
const resolvers = [ipAddress("203.0.113.53"), ipAddress("203.0.113.54")] as const;
const page = { kind: "http", url: `http://${target.ipv4}/204`, status: 204, body: "", resolvers: [] } as const;
const named = { ...page, url: "http://check.test/generate_204?a=b", resolvers } as const;
const good = "HTTP/1.1 204 No Content\r\n\r\n";

/** Answers every request with `text`, and keeps the requests. */
function serve(rig: ProbeRig, text: string, finish: (stream: Duplex) => void = (stream) => stream.end()): string[] {
  const requests: string[] = [];
  rig.network.onConnection(server, (stream) =>
    stream.once("data", (request: Buffer) => {
      requests.push(request.toString());
      stream.write(text);
      finish(stream);
    }),
  );
  return requests;
}

function resolve(rig: ProbeRig, which: 0 | 1, answer: Parameters<typeof respond>[1]): void {
  rig.network.onDatagram({ address: resolvers[which], port: 53 }, (query) => respond(query, answer));
}

test("the right status and body are an answer", async () => {
  await using rig = new ProbeRig();
  const requests = serve(rig, good);
  assert.deepEqual(await rig.now(page), { kind: "answered", rtt: 0 });
  assert.deepEqual(requests, [
    `GET /204 HTTP/1.1\r\nHost: ${target.ipv4}\r\nUser-Agent: ropewalk\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n`,
  ]);
  serve(rig, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n ok\n");
  assert.equal((await rig.now({ ...page, status: 200, body: "ok" })).kind, "answered");
});

const interceptions: Readonly<Record<string, string>> = {
  "HTTP/1.1 302 Found\r\nLocation: http://portal.example/\x1b[31m\r\n\r\n":
    "redirected (302) to http://portal.example/?[31m",
  "HTTP/1.1 200 OK\r\n\r\nsign in": "status 200 instead of 204",
  "HTTP/1.1 511 Network Authentication Required\r\n\r\n": "status 511 instead of 204",
  "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\nsign in": "another body (7 octets) with status 204",
  "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\nsig": "another body: the connection ended within the response",
  "SSH-2.0-OpenSSH_9.2p1\r\n": "no HTTP answer: no HTTP",
};

for (const [text, detail] of Object.entries(interceptions)) {
  test(`somebody in between: ${detail}`, async () => {
    await using rig = new ProbeRig();
    serve(rig, text);
    assert.deepEqual(await rig.now(page), { kind: "intercepted", detail });
  });
}

test("an answer without end is cut off: at 16 KiB, or at the limit", async () => {
  await using rig = new ProbeRig();
  serve(rig, `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(20_000)}`);
  assert.deepEqual(await rig.now({ ...page, status: 200 }), {
    kind: "intercepted",
    detail: "another body: more than 16384 octets",
  });
  serve(rig, "HTTP/1.1 204 No Content\r\nX: y\r\n", () => {});
  const id = rig.ask(page);
  await rig.pass(5_000);
  assert.deepEqual(rig.result(id), { kind: "intercepted", detail: "an answer without end" });
});

test("silence, a close and a reset after the request are told apart from an answer", async () => {
  await using rig = new ProbeRig();
  serve(rig, "", () => {});
  const id = rig.ask(page);
  await rig.pass(5_000);
  assert.deepEqual(rig.result(id), { kind: "silent" });
  serve(rig, "");
  const closed = { kind: "refused", detail: "the connection was closed without an answer" };
  assert.deepEqual(await rig.now(page), closed);
  rig.network.onConnection(server, (stream, _departure, { reset }) => stream.once("data", reset));
  assert.deepEqual(await rig.now(page), closed);
});

test("a server that keeps the connection open does not hold up the answer for long", async () => {
  await using rig = new ProbeRig();
  serve(rig, good, () => {});
  const id = rig.ask(page);
  await rig.pass(600);
  assert.deepEqual(rig.result(id), { kind: "answered", rtt: 0 });
});

test("without a connection nothing was asked", async () => {
  await using rig = new ProbeRig();
  rig.network.addHost(target.ipv4);
  assert.deepEqual(await rig.now(page), { kind: "skipped", detail: "no connection: ECONNREFUSED, connection refused" });
});

test("the host's name is asked of the path's resolvers, in turn, on the same path", async () => {
  await using rig = new ProbeRig();
  const requests = serve(rig, good);
  resolve(rig, 0, { rcode: 5 });
  resolve(rig, 1, { addresses: [target.ipv4] });
  assert.equal((await rig.now(named)).kind, "answered");
  assert.match(requests[0] ?? "", /^GET \/generate_204\?a=b HTTP\/1.1\r\nHost: check\.test\r\n/);
  const { traffic } = rig.outcome(1);
  assert.equal(traffic.sent > 400, true, "the queries are counted too");
});

test("when the first resolver is silent, the second is asked after a second", async () => {
  await using rig = new ProbeRig();
  serve(rig, good);
  resolve(rig, 1, { addresses: [target.ipv4] });
  const id = rig.ask(named);
  await rig.pass(900);
  assert.equal(rig.isTold(id), false);
  await rig.pass(200);
  assert.equal(rig.result(id).kind, "answered");
});

test("a name that does not resolve skips the page, and says why", async () => {
  const reasons: readonly (readonly [Parameters<typeof respond>[1], string])[] = [
    [{ rcode: 3 }, "check.test did not resolve: it has no A record"],
    [{ rcode: 2 }, "check.test did not resolve: the resolver will not answer: SERVFAIL"],
  ];
  for (const [answer, detail] of reasons) {
    await using rig = new ProbeRig();
    resolve(rig, 0, answer);
    resolve(rig, 1, answer);
    assert.deepEqual(await rig.now(named), { kind: "skipped", detail });
  }
});

test("no resolver, an address of the other family and what is no URL skip the page", async () => {
  await using rig = new ProbeRig();
  const skips: Readonly<Record<string, string>> = {
    "http://check.test/": "no ipv6 resolver to ask for check.test",
    [page.url]: "203.0.113.1 is no ipv6 address",
    "http://[::": '"http://[::" is no URL',
  };
  for (const [url, detail] of Object.entries(skips)) {
    assert.deepEqual(await rig.now({ ...named, url }, paths.ipv6), { kind: "skipped", detail });
  }
});

test("an IPv6 address in the URL needs no resolver", async () => {
  await using rig = new ProbeRig();
  rig.network.onConnection({ address: target.ipv6, port: 8080 }, (stream) =>
    stream.once("data", () => stream.end(good)),
  );
  const url = `http://[${target.ipv6}]:8080/204`;
  assert.equal((await rig.now({ ...page, url }, paths.ipv6)).kind, "answered");
});
