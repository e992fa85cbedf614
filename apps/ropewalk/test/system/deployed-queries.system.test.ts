/** The queries and alerts that are shipped, checked by Prometheus' own tool. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { backhaulDashboard, deployFolder } from "../dashboard.ts";

const promtool = join(deployFolder, "../build/borrowed/prometheus/usr/bin/promtool");

function checkRules(file: string): void {
  const { status, stdout, stderr, error } = spawnSync(promtool, ["check", "rules", file], { encoding: "utf8" });
  assert.equal(error, undefined, "npm test brings promtool (Debian: prometheus)");
  assert.equal(status, 0, `${stdout}${stderr}`);
}

test("Prometheus can read every alert", () => checkRules(join(deployFolder, "prometheus/ropewalk-alerts.yaml")));

test("Prometheus can read every query of the dashboard", () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-queries-"));
  try {
    const rules = backhaulDashboard()
      .panels.flatMap(({ targets }) => targets ?? [])
      .map(({ expr }, index) => {
        // What Grafana puts in before it asks.
        const query = expr.replaceAll("$__rate_interval", "1m").replaceAll(/\$(?:instance|uplink)/g, ".*");
        return { record: `query:${index}`, expr: query };
      });
    const file = join(folder, "queries.yaml");
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    checkRules(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
