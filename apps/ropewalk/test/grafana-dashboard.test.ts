/** The dashboards and the alerts speak of metrics that the program has, and leave out none of those of the part that they are of. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  alertExpressions,
  backhaulDashboard,
  coreDashboard,
  dashboardExpressions,
  deployFolder,
  entryDashboard,
  meshDashboard,
  tunnelDashboard,
} from "./dashboard.ts";
import { registeredMetrics } from "./registered-metrics.ts";

const dashboard = backhaulDashboard();
const tunnel = tunnelDashboard();
const mesh = meshDashboard();
const core = coreDashboard();
const entry = entryDashboard();

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
  ["the dashboard of the backhaul", dashboardExpressions(dashboard)],
  ["the dashboard of the tunnel", dashboardExpressions(tunnel)],
  ["the dashboard of the mesh", dashboardExpressions(mesh)],
  ["the dashboard of the exits", dashboardExpressions(core)],
  ["the dashboard of entry", dashboardExpressions(entry)],
  ["the alerts", alertExpressions()],
] as const) {
  test(`${source} names no metric and no label that the program does not export`, async () => {
    const registered = await registeredMetrics();
    assert.notEqual(expressions.length, 0);
    for (const expression of expressions) {
      for (const { metric, labels } of named(expression)) {
        const known = registered.get(metric) ?? registered.get(metric.replace(/_bucket$/, ""));
        assert.ok(known !== undefined, `${metric} is no metric of the program: ${expression}`);
        for (const label of labels) {
          assert.ok(
            known.includes(label) || label === "le" || givenLabels.includes(label),
            `${metric} has no label ${label}`,
          );
        }
      }
    }
  });
}

for (const [part, of] of [
  ["backhaul", dashboard],
  ["tunnel", tunnel],
  ["mesh", mesh],
  ["core", core],
  ["entry", entry],
] as const) {
  test(`every metric of the ${part} is on its dashboard`, async () => {
    const shown = new Set(
      dashboardExpressions(of)
        .flatMap(named)
        // A histogram is asked for by its buckets.
        .map(({ metric }) => metric.replace(/_bucket$/, "")),
    );
    const missing = [...(await registeredMetrics()).keys()].filter(
      (metric) => metric.startsWith(`ropewalk_${part}_`) && !shown.has(metric),
    );
    assert.deepEqual(missing, []);
  });

  test(`every panel of the ${part}'s has a place and an id of its own and the data source that the reader chose`, () => {
    checkPanels(of);
  });
}

function checkPanels({ panels }: ReturnType<typeof backhaulDashboard>): void {
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
}

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

for (const [what, of] of [
  ["an end of the tunnel", tunnel],
  ["a node of the mesh", mesh],
  ["an exit", core],
  ["a replica of entry", entry],
] as const) {
  test(`${what} can be chosen, and every query heeds the choice`, () => {
    assert.deepEqual(
      of.templating.list.map(({ name }) => name),
      ["datasource", "instance"],
    );
    const queries = of.panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr);
    for (const expression of queries) assert.match(expression, /\$instance/);
  });
}
