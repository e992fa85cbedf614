/** What the mesh counts for Prometheus, and what it writes to the log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import type { StoreEvent } from "@ropewalk/mesh/io/store/store-messages";
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { watchInbox } from "../../src/compose/mesh/inbox-watch.ts";
import { registerMeshMetrics } from "../../src/compose/mesh/mesh-metrics.ts";
import { recordFoundStore, recordMeshEvent } from "../../src/compose/mesh/mesh-records.ts";
import { registerMessageMetrics } from "../../src/compose/mesh/message-metrics.ts";
import { foundTrouble, observeStore, troubleText } from "../../src/compose/mesh/store-trouble.ts";
import { fakeStatus, far, lost, near, own } from "./fake-mesh.ts";
import { fakeMessages, someone } from "./fake-messages.ts";

test("metrics tell the node's figures and events, and no address", async () => {
  const metrics = createMetrics();
  const count = registerMeshMetrics(metrics, fakeStatus);
  count({ kind: "link-up", peer: near, remote: "192.0.2.1 port 7412", direction: "dialled" });
  count({ kind: "link-down", peer: near, why: "it is silent" });
  const { body } = await metrics.render();
  for (const line of [
    "ropewalk_mesh_neighbours 1",
    'ropewalk_mesh_routes{state="reachable"} 2',
    'ropewalk_mesh_routes{state="unreachable"} 1',
    "ropewalk_mesh_routes_limit 512",
    "ropewalk_mesh_held 0",
    "ropewalk_mesh_strangers 2",
    'ropewalk_mesh_strangers_refused_total{reason="rate-limited"} 7',
    'ropewalk_mesh_over_rate_total{kind="request"} 5',
    "ropewalk_mesh_announces_proved_total 1",
    'ropewalk_mesh_announces_refused_total{reason="old"} 2',
    'ropewalk_mesh_packets_dropped_total{reason="hops"} 1',
    'ropewalk_mesh_events_total{kind="link-up"} 1',
  ])
    assert.ok(body.split("\n").includes(line), `${line}\n${body}`);
  for (const secret of [own, near, far, lost, "192.0.2.1"]) assert.ok(!body.includes(secret), secret);
});

test("until the node is made there are no figures, and the scrape is good", async () => {
  const metrics = createMetrics();
  registerMeshMetrics(metrics, () => undefined);
  assert.doesNotMatch((await metrics.render()).body, /^ropewalk_mesh_neighbours /m);
});

test("links are news, strangers are not, and what holds the node up is an error", () => {
  const written: string[] = [];
  const destination = { write: (text: string) => void written.push(text) };
  const log = createLog({ level: "info", format: "json", destination, clock: new FakeClock() });
  recordMeshEvent(log, { kind: "refused", remote: "198.51.100.1 port 4", why: "rate-limited" });
  recordMeshEvent(log, { kind: "dial-failed", remote: "198.51.100.1 port 4", why: "deadline" });
  assert.deepEqual(written, []);
  recordMeshEvent(log, { kind: "link-down", peer: near, why: "it is silent" });
  recordMeshEvent(log, { kind: "held", why: "no space" });
  const [down, held] = written.map((line) => JSON.parse(line));
  assert.equal(down.why, "it is silent");
  assert.match(JSON.stringify(held), /sequences cannot be set aside/);
});

test("messages are counted by what happened to them, and their bounds are told", async () => {
  const metrics = createMetrics();
  const count = registerMessageMetrics(metrics, fakeMessages);
  count.message({ kind: "received", number: 1, sender: near, port: 0 });
  count.message({ kind: "progress", id: "00000000000000aa", proved: 1, of: 3 });
  count.message({ kind: "delivered", id: "00000000000000aa" });
  count.store("full");
  const { body } = await metrics.render();
  for (const line of [
    "ropewalk_mesh_inbox_messages 1",
    "ropewalk_mesh_inbox_bytes 5",
    'ropewalk_mesh_store_limit{of="inbox_bytes"} 134217728',
    "ropewalk_mesh_outbox_bytes 10512",
    'ropewalk_mesh_store_limit{of="custody_bytes"} 67108864',
    'ropewalk_mesh_envelopes_total{what="passed",reason=""} 2',
    'ropewalk_mesh_envelopes_total{what="dropped",reason="hops"} 1',
    'ropewalk_mesh_messages_total{event="received"} 1',
    'ropewalk_mesh_messages_total{event="delivered"} 1',
    'ropewalk_mesh_store_events_total{kind="full"} 1',
  ])
    assert.ok(body.split("\n").includes(line), `${line}\n${body}`);
  assert.doesNotMatch(body, /progress/);
  for (const secret of [near, someone, "00000000000000aa", "anna"]) assert.ok(!body.includes(secret), secret);
});

test("health says that the inbox refuses, until it does not any more", () => {
  const said: string[] = [];
  const health = { healthy: () => void said.push("healthy"), report: (state: string) => void said.push(state) };
  const observe = watchInbox(health as never);
  observe({ kind: "received", number: 1, sender: near, port: 0 });
  observe({ kind: "inbox-full" });
  observe({ kind: "inbox-roomy" });
  assert.deepEqual(said, ["healthy", "degraded", "healthy"]);
});

const salvaged = {
  aside: "/state/messages.corrupt-1",
  reason: "page 3 is damaged",
  tables: [{ name: "inbox", saved: 5, refused: 2, breaks: 1 }],
};

test("troubles of the store are warnings and errors that say where the damaged file is", () => {
  const written: string[] = [];
  const destination = { write: (text: string) => void written.push(text) };
  const log = createLog({ level: "warn", format: "json", destination, clock: new FakeClock() });
  recordMeshEvent(log, { kind: "store", event: { kind: "salvaged", salvaged } });
  recordMeshEvent(log, { kind: "store", event: { kind: "full" } });
  recordMeshEvent(log, { kind: "store", event: { kind: "failing", reason: "EIO" } });
  recordMeshEvent(log, { kind: "store", event: { kind: "working" } });
  recordFoundStore(log, { start: "kept", salvaged: undefined, lastTime: 0 as never }, "/state/messages");
  recordFoundStore(log, { start: "lost", salvaged: undefined, lastTime: 0 as never }, "/state/messages");
  assert.deepEqual(
    written.map((line) => JSON.parse(line)).map(({ level, event }) => [level, event]),
    [
      ["warn", "store-salvaged"],
      ["warn", "store-full"],
      ["error", "store-failing"],
      ["warn", "store-lost"],
    ],
  );
  assert.match(written[0] ?? "", /messages\.corrupt-1/);
});

test("health tells the worst of the store, and is well again when that has ended, but for damage", () => {
  const store = (event: StoreEvent): MeshEvent => ({ kind: "store", event });
  let trouble = foundTrouble({ start: "kept", salvaged: undefined, lastTime: 0 as never });
  const after = (event: MeshEvent) => {
    trouble = observeStore(trouble, event);
    return troubleText(trouble);
  };
  assert.equal(troubleText(trouble), undefined);
  assert.match(after(store({ kind: "full" })) ?? "", /the disk is full/);
  assert.match(after(store({ kind: "failing", reason: "EIO" })) ?? "", /fails \(EIO\)/);
  assert.match(after(store({ kind: "working" })) ?? "", /the disk is full/);
  assert.equal(after(store({ kind: "roomy" })), undefined);
  assert.match(
    after(store({ kind: "salvaged", salvaged })) ?? "",
    /2 rows were not; the damaged file is \/state\/mess/,
  );
  assert.match(after({ kind: "store-died", why: "out of memory" }) ?? "", /has died \(out of memory\): start the node/);
  assert.match(
    troubleText(foundTrouble({ start: "lost", salvaged: undefined, lastTime: 0 as never })) ?? "",
    /damaged/,
  );
});
