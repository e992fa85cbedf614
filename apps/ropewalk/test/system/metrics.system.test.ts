/** The metrics page of a real node, checked by Prometheus' own tool. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { NodeInLab } from "./node-in-lab.ts";
import { readMetrics } from "./read-metrics.ts";

const promtool = join(import.meta.dirname, "../../../../build/borrowed/prometheus/usr/bin/promtool");

test("promtool finds nothing to say about the metrics of a node with uplinks", async () => {
  await using place = await NodeInLab.openMeasuring(2, "");
  await using node = await place.startNode();
  await node.until("figures are there", async () => (await readMetrics(place.socket)).includes("_path_rtt_seconds{"));
  const page = await readMetrics(place.socket);
  assert.match(page, /^ropewalk_backhaul_uplinks\{state="up"\} 2$/m);
  const { status, stdout, stderr, error } = spawnSync(promtool, ["check", "metrics"], {
    input: page,
    encoding: "utf8",
  });
  assert.equal(error, undefined, "npm test brings promtool (Debian: prometheus)");
  assert.equal(`${stdout}${stderr}`, "");
  assert.equal(status, 0);
});
