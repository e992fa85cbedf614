/** The dashboard and the alerts speak of metrics that the program has, and the dashboard leaves out none of the backhaul's. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { alertExpressions, backhaulDashboard, dashboardExpressions, deployFolder } from "./dashboard.ts";
import { registeredMetrics } from "./registered-metrics.ts";

const dashboard = backhaulDashboard();

/** Every metric that a query names, with the labels that it selects by. */
function named(expression: string): readonly { readonly metric: string; readonly labels: readonly string[] }[] {
  return [...expression.matchAll(/\b(ropewalk_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].map(([, metric = "", matchers = ""]) => ({
    metric,
    labels: [...matchers.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label),
  }));
}

/** Labels that Prometheus gives to whatever it scrapes. */
const givenLabels = ["instance", "job"];

for (const [source, expressions] of [
  ["the dashboard", dashboardExpressions(dashboard)],
  ["the alerts", alertExpressions()],
] as const) {
  test(`${source} names no metric and no label that the program does not export`, async () => {
    const registered = await registeredMetrics();
    assert.notEqual(expressions.length, 0);
    for (const expression of expressions) {
      for (const { metric, labels } of named(expression)) {
        const known = registered.get(metric);
        assert.ok(known !== undefined, `${metric} is no metric of the program: ${expression}`);
        for (const label of labels) {
          assert.ok(known.includes(label) || givenLabels.includes(label), `${metric} has no label ${label}`);
        }
      }
    }
  });
}

test("every metric of the backhaul is on the dashboard", async () => {
  const shown = new Set(
    dashboardExpressions(dashboard)
      .flatMap(named)
      .map(({ metric }) => metric),
  );
  const missing = [...(await registeredMetrics()).keys()].filter(
    (metric) => metric.startsWith("ropewalk_backhaul_") && !shown.has(metric),
  );
  assert.deepEqual(missing, []);
});

test("every panel has a place of its own, an id of its own and the data source that the reader chose", () => {
  const { panels } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { title, type, gridPos, datasource } of panels) {
    if (type !== "row") assert.equal(datasource?.uid, "${" + "datasource}", title);
    assert.ok(gridPos.x + gridPos.w <= 24, `${title} is wider than the page`);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.equal(taken.get(`${x},${y}`), undefined, `${title} lies on ${taken.get(`${x},${y}`)}`);
        taken.set(`${x},${y}`, title);
      }
    }
  }
});

test("data source, node and uplink can be chosen, and the queries heed the choice", () => {
  assert.deepEqual(
    dashboard.templating.list.map(({ name, type }) => [name, type]),
    [
      ["datasource", "datasource"],
      ["instance", "query"],
      ["uplink", "query"],
    ],
  );
  for (const expression of dashboard.panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr)) {
    assert.match(expression, /\$instance/);
    const isOfUplink = named(expression).some(({ labels }) => labels.includes("uplink"));
    if (isOfUplink) assert.match(expression, /\$uplink/);
  }
});

test("each alert says what is wrong and where, and the page on monitoring says what to do", () => {
  const text = readFileSync(join(deployFolder, "prometheus/ropewalk-alerts.yaml"), "utf8");
  const page = readFileSync(join(deployFolder, "../docs/operating/monitoring.md"), "utf8");
  const names = [...text.matchAll(/^ {6}- alert: (\w+)$/gm)].map(([, name = ""]) => name);
  assert.notEqual(names.length, 0);
  for (const name of names) assert.ok(page.includes(`\`${name}\``), `monitoring.md does not speak of ${name}`);
});
