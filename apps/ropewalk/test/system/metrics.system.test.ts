/** The metrics page of a real node, checked by Prometheus' own tool. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { get } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { NodeInLab } from "./node-in-lab.ts";

const promtool = join(import.meta.dirname, "../../../../build/borrowed/prometheus/usr/bin/promtool");

function readMetrics(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: "/metrics" }, (response) => {
      Array.fromAsync(response).then((chunks) => resolve(Buffer.concat(chunks).toString()), reject);
    }).on("error", reject);
  });
}

test("promtool finds nothing to say about the metrics of a node with uplinks", async () => {
  await using place = await NodeInLab.open(2);
  await using _node = await place.startNode();
  const page = await readMetrics(place.socket);
  assert.match(page, /^ropewalk_backhaul_uplinks\{state="unknown"\} 2$/m);
  const { status, stdout, stderr, error } = spawnSync(promtool, ["check", "metrics"], {
    input: page,
    encoding: "utf8",
  });
  assert.equal(error, undefined, "npm test brings promtool (Debian: prometheus)");
  assert.equal(`${stdout}${stderr}`, "");
  assert.equal(status, 0);
});
