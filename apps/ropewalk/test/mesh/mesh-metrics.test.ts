/** What the mesh counts for Prometheus, and what it writes to the log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { registerMeshMetrics } from "../../src/compose/mesh/mesh-metrics.ts";
import { recordMeshEvent } from "../../src/compose/mesh/mesh-records.ts";
import { fakeStatus, far, lost, near, own } from "./fake-mesh.ts";

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
