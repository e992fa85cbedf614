/** The node's API against clients that lie, hang, or do not listen, and for those that do listen. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Received } from "@ropewalk/api/asking";
import type { NodeEvent } from "@ropewalk/api/events";
import { asNobody, NodeInLab, type Started, soon } from "./node-in-lab.ts";

let place: NodeInLab;
let node: Started;
before(async () => {
  place = await NodeInLab.open(2);
  node = await place.startNode();
});
after(async () => {
  await node[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** Status code and body of one raw request over loopback HTTP. */
async function ask(...lines: string[]): Promise<{ readonly code: number; readonly body: string }> {
  const program = join(import.meta.dirname, "loopback-requests.ts");
  const { stdout } = await place.edge.exec(process.execPath, [program, "7410", ...lines, "Connection: close"]);
  const [head = "", body = ""] = stdout.split("\r\n\r\n");
  return { code: Number(head.split(" ")[1]), body };
}

test("loopback HTTP gives the same picture as the socket", async () => {
  const { code, body } = await ask("GET /v1/status HTTP/1.1", "Host: 127.0.0.1:7410");
  assert.equal(code, 200);
  const names = (uplinks: readonly { readonly name: string }[]) => uplinks.map(({ name }) => name);
  const overSocket = await place.client().status(soon());
  assert.deepEqual(names(JSON.parse(body).backhaul.uplinks), names(overSocket.backhaul.uplinks));
  assert.deepEqual(names(overSocket.backhaul.uplinks), ["wan0", "wan1"]);
});

test("a forged Host, and a page of another site, are refused", async () => {
  const forged = await ask("GET /v1/status HTTP/1.1", "Host: evil.example");
  assert.equal(forged.code, 403);
  assert.equal(JSON.parse(forged.body).code, "forbidden");
  assert.equal(
    (await ask("GET /v1/status HTTP/1.1", "Host: 127.0.0.1:7410", "Origin: https://evil.example")).code,
    403,
  );
});

test("loopback HTTP changes nothing, and says where it can be done", async () => {
  const { code, body } = await ask("POST /v1/config/reload HTTP/1.1", "Host: localhost", "Content-Length: 0");
  assert.equal(code, 403);
  assert.match(body, /config reload.*uplink take/);
});

test("an unknown path and a wrong method are told apart", async () => {
  assert.equal((await ask("GET /v2/status HTTP/1.1", "Host: localhost")).code, 404);
  assert.equal((await ask("DELETE /v1/status HTTP/1.1", "Host: localhost")).code, 405);
  await assert.rejects(place.client().uplink("nothing", soon()), {
    code: "API_REFUSED",
    message: /no uplink with the id/,
  });
});

test("both servers say why, and the explanation is of the uplinks that the status shows", async () => {
  const { code, body } = await ask("GET /v1/explanation HTTP/1.1", "Host: localhost");
  assert.equal(code, 200);
  assert.deepEqual(Object.keys(JSON.parse(body).decisions), ["ipv4", "ipv6", "overall"]);
  const explained = await place.client().explanation(soon());
  const { backhaul } = await place.client().status(soon());
  assert.deepEqual(
    explained.uplinks.map(({ id }) => id),
    backhaul.uplinks.map(({ id }) => id),
  );
  assert.equal(explained.probing, false);
});

test("one uplink is found by its id", async () => {
  const [first] = (await place.client().status(soon())).backhaul.uplinks;
  assert.ok(first !== undefined);
  assert.equal((await place.client().uplink(first.id, soon())).name, first.name);
});

test("health, readiness and metrics are answered under each of their names", async () => {
  for (const path of ["/healthz", "/readyz", "/metrics", "/metricsz"]) {
    assert.equal((await ask(`GET ${path} HTTP/1.1`, "Host: localhost")).code, 200, path);
  }
  const { body } = await ask("GET /metrics HTTP/1.1", "Host: localhost");
  assert.match(body, /^ropewalk_version\{version="0\.1\.0"\} 1$/m);
  assert.match(body, /^ropewalk_http_refused_total\{server="http",reason="foreign"\} [1-9]/m);
});

test("a client that never ends its request is cut off, and holds up nobody", async () => {
  const socket = connect({ path: place.socket });
  await once(socket, "connect");
  socket.on("error", () => {});
  socket.write("GET /v1/status HTTP/1.1\r\nHost: x\r\n");
  const closed = once(socket, "close");
  assert.equal((await place.client().status(soon())).health.ready, true);
  socket.resume();
  await closed;
});

test("a reader of events that never reads is cut off, and another one goes on", async () => {
  const silent = connect({ path: place.socket });
  await once(silent, "connect");
  silent.on("error", () => {});
  silent.write("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
  silent.pause();
  const closed = once(silent, "close");
  const listening = new AbortController();
  const seen = collect(listening.signal);
  // Each pair of changes writes several kilobytes to every reader; what waits for the silent one is bounded.
  const metric = async () => {
    const { body } = await ask("GET /metrics HTTP/1.1", "Host: localhost");
    return Number(/^ropewalk_event_readers_cut_off_total (\d+)$/m.exec(body)?.[1]);
  };
  const flood = place.edge.spawn("sh", [
    "-c",
    "while :; do ip link set wan1 mtu 1400; ip link set wan1 mtu 1500; done",
  ]);
  await node.until("the silent reader is cut off", async () => (await metric()) > 0);
  await flood[Symbol.asyncDispose]();
  silent.resume();
  await closed;
  await node.until("the other reader has seen the flood", () => seen.length > 100);
  listening.abort();
});

test("the first event is a snapshot, and a cut follows in the order it was seen, stamped by the machine's clock", async (context) => {
  const listening = new AbortController();
  const seen = collect(listening.signal);
  await node.until("the snapshot is there", () => seen[0]?.event.kind === "snapshot");
  const { at, doneAt } = await place.lab.cut("wan0");
  await node.until("wan0 is down", () => downOf(seen, "wan0") !== undefined);
  const down = downOf(seen, "wan0");
  assert.ok(down !== undefined);
  assert.equal(down.reason, "no-carrier");
  assert.ok(down.seenAtMonotonicMs >= Number(at) / 1e6, "it cannot be seen before it was cut");
  context.diagnostic(`told ${(down.arrivedMs - Number(doneAt) / 1e6).toFixed(0)} ms after the cut`);
  await place.lab.heal("wan0");
  await node.until("wan0 is back", () => lastOf(seen, "wan0") === "unknown");
  listening.abort();
});

test("a reader that comes back with the last id gets only what it missed", async () => {
  const first = new AbortController();
  const before = collect(first.signal);
  await node.until("the snapshot is there", () => before.length > 0);
  const last = before[0]?.id ?? "";
  first.abort();
  await place.lab.cut("wan1");
  await node.until("the cut is seen", async () => {
    const { backhaul } = await place.client().status(soon());
    return backhaul.uplinks.some(({ name, state }) => name === "wan1" && state === "down");
  });
  const second = new AbortController();
  const after = collect(second.signal, last);
  await node.until("the cut is told again", () => downOf(after, "wan1") !== undefined);
  assert.equal(
    after.some(({ event }) => event.kind === "snapshot"),
    false,
  );
  second.abort();
  await place.lab.heal("wan1");
});

test("an id of another run brings a snapshot", async () => {
  const listening = new AbortController();
  const seen = collect(listening.signal, "another-7");
  await node.until("something came", () => seen.length > 0);
  assert.equal(seen[0]?.event.kind, "snapshot");
  listening.abort();
});

test("the configuration may be reloaded by the socket's group and by nobody else", async () => {
  // The mode alone would keep the stranger out; opened wide, the kernel's word on who calls still does.
  chmodSync(place.folder, 0o755);
  chmodSync(place.socket, 0o666);
  const refused = await place.run(["config", "reload"], { prefix: asNobody });
  assert.equal(refused.status, 5);
  assert.match(refused.stderr, /Only root, the node's own user and the socket's group/);
  assert.equal((await place.run(["config", "reload"])).status, 0);
  chmodSync(place.socket, 0o660);
});

interface Arrived extends Received<NodeEvent> {
  readonly arrivedMs: number;
}

/** Events as they arrive, until the signal aborts. */
function collect(signal: AbortSignal, after?: string): readonly Arrived[] {
  const seen: Arrived[] = [];
  const read = async () => {
    for await (const received of place.client().events(signal, after)) {
      seen.push({ ...received, arrivedMs: Number(process.hrtime.bigint()) / 1e6 });
    }
  };
  read().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return seen;
}

/** The newest state that was told of an uplink. */
function lastOf(seen: readonly Arrived[], name: string): string | undefined {
  const changes = seen.flatMap(({ event }) => (event.kind === "uplink-changed" ? [event.uplink] : []));
  return changes.findLast((uplink) => uplink.name === name)?.state;
}

function downOf(seen: readonly Arrived[], name: string) {
  for (const { event, arrivedMs } of seen) {
    if (event.kind !== "uplink-changed" || event.uplink.name !== name || event.uplink.state !== "down") continue;
    return { reason: event.uplink.reason.code, seenAtMonotonicMs: event.seenAtMonotonicMs, arrivedMs };
  }
  return undefined;
}
