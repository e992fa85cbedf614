/** The queries and alerts that are shipped, checked by Prometheus' own tool. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { backhaulDashboard, deployFolder, meshDashboard, tunnelDashboard } from "../dashboard.ts";

const promtool = join(deployFolder, "../build/borrowed/prometheus/usr/bin/promtool");

const alerts = join(deployFolder, "prometheus/ropewalk-alerts.yaml");

function ask(...words: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(promtool, words, { encoding: "utf8" });
  assert.equal(error, undefined, "npm test brings promtool (Debian: prometheus)");
  assert.equal(status, 0, `${stdout}${stderr}`);
}

/** Hands promtool a file; JSON is YAML. */
function askOf(what: "check" | "test", content: object): void {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-queries-"));
  try {
    const file = join(folder, "file.yaml");
    writeFileSync(file, JSON.stringify(content));
    ask(what, "rules", file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("Prometheus can read every alert", () => ask("check", "rules", alerts));

/** A node with one path that is down and by which the kernel sends, and one that is well. */
const series = [
  [`connectivity{family="ipv4",state="online"`, 1],
  [`connectivity{family="ipv4",state="offline"`, 0],
  [`connectivity{family="ipv6",state="offline"`, 1],
  [`path_state{family="ipv4",uplink="a",state="down"`, 1],
  [`path_reason{family="ipv4",uplink="a",reason="silent"`, 1],
  [`path_state{family="ipv6",uplink="a",state="down"`, 1],
  [`path_reason{family="ipv6",uplink="a",reason="no-address"`, 1],
  [`path_state{family="ipv4",uplink="b",state="down"`, 0],
  [`kernel_route{family="ipv4",uplink="a"`, 1],
  [`kernel_route{family="ipv4",uplink="b"`, 0],
].map(([name, value]) => {
  return { series: `ropewalk_backhaul_${name},instance="node",job="ropewalk"}`, values: `${value}x20` };
});

function expected(alert: string, labels?: Readonly<Record<string, string>>, summary?: string) {
  const exp_alerts = labels === undefined ? [] : [{ exp_labels: labels, exp_annotations: { summary } }];
  return { eval_time: "10m", alertname: alert, exp_alerts };
}

test("of a dead uplink that the kernel sends by is told, of a family that was never there is not, nor of an offline node that is online", () => {
  const path = { instance: "node", family: "ipv4", uplink: "a" };
  askOf("test", {
    rule_files: [alerts],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: series,
        alert_rule_test: [
          expected(
            "RopewalkTrafficLost",
            { ...path, severity: "critical" },
            "node: ipv4 is sent by a, which leads nowhere",
          ),
          expected("RopewalkUplinkDown", { ...path, severity: "warning" }, "node: ipv4 of a is down"),
          expected("RopewalkOffline"),
          expected("RopewalkFlapping"),
        ],
      },
    ],
  });
});

test("a node that no family brings online is told of", () => {
  const offline = series.map(({ series: name, values }) => {
    const isOnline = name.includes('state="online"');
    return { series: name, values: isOnline ? "0x20" : name.includes("offline") ? "1x20" : values };
  });
  askOf("test", {
    rule_files: [alerts],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: offline,
        alert_rule_test: [
          expected(
            "RopewalkOffline",
            { instance: "node", severity: "critical" },
            "node: no uplink reaches the internet",
          ),
        ],
      },
    ],
  });
});

test("a node that cannot do what it wants is told of, and so is who fights it", () => {
  const own = `instance="node",job="ropewalk"`;
  askOf("test", {
    rule_files: [alerts],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: [
          { series: `ropewalk_backhaul_steering_unmet{${own}}`, values: "2x20" },
          { series: `ropewalk_backhaul_steering_actions_total{${own},action="put-off"}`, values: "0+1x20" },
          { series: `ropewalk_backhaul_steering_unmet{instance="other",job="ropewalk"}`, values: "0x20" },
          { series: `ropewalk_backhaul_steering_actions_total{instance="other",action="moved"}`, values: "0+1x20" },
        ],
        alert_rule_test: [
          expected(
            "RopewalkSteeringUnmet",
            { instance: "node", severity: "critical" },
            "node: traffic may not go as was decided; `ropewalk status` says what is not as it should be",
          ),
          expected(
            "RopewalkSteeringFight",
            { instance: "node", severity: "warning" },
            "node: another program keeps changing Ropewalk's routes, rules or marks",
          ),
        ],
      },
    ],
  });
});

test("what is to be renewed is told until it has expired, and then that; what is fresh is not", () => {
  const ends = (certificate: string, renewal: number, expiry: number) =>
    Object.entries({ renewal, expiry }).map(([what, at]) => {
      const labels = `certificate="${certificate}",instance="node",job="ropewalk"`;
      return { series: `ropewalk_tunnel_certificate_${what}_timestamp_seconds{${labels}}`, values: `${at}x20` };
    });
  const due = "node: of what the tunnel rests on (authority) a third of its life or less is left";
  const ended = "node: what the tunnel rests on (revocation_list) has expired: who relies on it is refused";
  askOf("test", {
    rule_files: [alerts],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: [
          ...ends("own", 900, 1200),
          ...ends("authority", 500, 1200),
          ...ends("revocation_list", 300, 500),
        ],
        alert_rule_test: [
          expected("RopewalkRenewalDue", { instance: "node", certificate: "authority", severity: "warning" }, due),
          expected(
            "RopewalkExpired",
            { instance: "node", certificate: "revocation_list", severity: "critical" },
            ended,
          ),
        ],
      },
    ],
  });
});

test("a source without a lane is told of, a lane that comes and goes, and a service that is nearly full; a quiet one is not", () => {
  const of = (instance: string, lane: number, lost: string, connections: number) => {
    const own = `instance="${instance}",job="ropewalk-tunnel"`;
    return [
      { series: `ropewalk_tunnel_lane_up{${own}}`, values: `${lane}x20` },
      { series: `ropewalk_tunnel_events_total{${own},kind="lane-closed"}`, values: lost },
      { series: `ropewalk_tunnel_events_total{${own},kind="refreshed"}`, values: "0+5x20" },
      { series: `ropewalk_tunnel_service_connections{${own},service="db"}`, values: `${connections}x20` },
      { series: `ropewalk_tunnel_service_connections_limit{${own},service="db"}`, values: "100x20" },
    ];
  };
  const site = { instance: "site" };
  const full = "site: service db has nearly all the connections that it may";
  askOf("test", {
    rule_files: [alerts],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: [...of("site", 0, "0+1x20", 95), ...of("quiet", 1, "0x20", 10)],
        alert_rule_test: [
          expected(
            "RopewalkTunnelDown",
            { ...site, severity: "critical" },
            "site: the source has no lane to a destination",
          ),
          expected(
            "RopewalkTunnelFlapping",
            { ...site, severity: "warning" },
            "site: the tunnel's lane comes and goes",
          ),
          expected("RopewalkTunnelServiceFull", { ...site, service: "db", severity: "warning" }, full),
          expected("RopewalkTunnelSessionsLost"),
        ],
      },
    ],
  });
});

test("a node that has lost its neighbours is told of, one that is held, flooded or lied to, and one that knows too many; a quiet one, and one that never had any, are not", () => {
  const of = (instance: string, values: Readonly<Record<string, string>>) => {
    const own = `instance="${instance}",job="ropewalk"`;
    const quiet = {
      neighbours: "3x40",
      held: "0x40",
      'routes{state="reachable"': "9x40",
      'routes{state="unreachable"': "0x40",
      routes_limit: "100x40",
      'events_total{kind="link-down"': "0x40",
      'over_rate_total{kind="new-announce"': "0x40",
      'announces_refused_total{reason="signature"': "0x40",
      'strangers_refused_total{reason="rate-limited"': "0x40",
    };
    return Object.entries({ ...quiet, ...values }).map(([name, written]) => {
      return { series: `ropewalk_mesh_${name}${name.includes("{") ? "," : "{"}${own}}`, values: written };
    });
  };
  const told = (alert: string, instance: string, severity: string, text: string, more = {}) => {
    return { ...expected(alert, { instance, severity, ...more }, `${instance}: ${text}`), eval_time: "35m" };
  };
  askOf("test", {
    rule_files: [alerts],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: [
          ...of("quiet", {}),
          ...of("first", { neighbours: "0x40" }),
          ...of("alone", { neighbours: "3x10 0x30", 'routes{state="unreachable"': "10x40" }),
          ...of("held", { held: "1x40" }),
          ...of("busy", {
            'routes{state="reachable"': "95x40",
            'events_total{kind="link-down"': "0+1x40",
            'over_rate_total{kind="new-announce"': "0+100x40",
            'announces_refused_total{reason="signature"': "0+1x40",
            'strangers_refused_total{reason="rate-limited"': "0+10x40",
          }),
        ],
        alert_rule_test: [
          told("RopewalkMeshAlone", "alone", "critical", "the node has lost every neighbour in the mesh"),
          told(
            "RopewalkMeshHeld",
            "held",
            "critical",
            "the mesh has no links, for its sequences cannot be kept; is the disk full?",
          ),
          told("RopewalkMeshSplit", "alone", "warning", "there is no way to most of the nodes that it knows"),
          told("RopewalkMeshFlapping", "busy", "warning", "links with its neighbours come and go"),
          told("RopewalkMeshFull", "busy", "warning", "it knows nearly as many nodes as it may"),
          told("RopewalkMeshFlooded", "busy", "warning", "a neighbour brings more than it may (new-announce)", {
            kind: "new-announce",
          }),
          told("RopewalkMeshForged", "busy", "warning", "a neighbour brings announces whose signatures do not hold"),
          told("RopewalkMeshRefusing", "busy", "warning", "many who dial it get no link (rate-limited)", {
            reason: "rate-limited",
          }),
        ],
      },
    ],
  });
});

test("Prometheus can read every query of the dashboards", () => {
  const rules = [backhaulDashboard(), tunnelDashboard(), meshDashboard()]
    .flatMap(({ panels }) => panels.flatMap(({ targets }) => targets ?? []))
    .map(({ expr }, index) => {
      // What Grafana puts in before it asks.
      const query = expr.replaceAll("$__rate_interval", "1m").replaceAll(/\$(?:instance|uplink)/g, ".*");
      return { record: `query:${index}`, expr: query };
    });
  askOf("check", { groups: [{ name: "dashboard", rules }] });
});
