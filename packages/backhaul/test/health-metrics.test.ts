/** The metrics of health as one scrape shows them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BackhaulExplanation, PathExplanation } from "@ropewalk/backhaul/explanation";
import { type HealthMetricSource, registerHealthMetrics } from "@ropewalk/backhaul/health-metrics";
import { withPercent } from "@ropewalk/backhaul/pure/sharing";
import type { FamilyStatus, Share, UplinkStatus } from "@ropewalk/backhaul/status";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { createMetrics } from "@ropewalk/ops/metrics";

const id = "wan0" as UplinkId;
const latency = { code: "latency", text: "slow" } as const;
const figures = {
  rttMs: 512.5,
  jitterMs: 3,
  loss: 0.01,
  score: { total: 780, latency: 0, loss: 180, success: 500, bias: 100 },
};
const ipv4: FamilyStatus = {
  state: "degraded",
  reason: latency,
  figures,
  source: null,
  addresses: [],
  gateway: null,
  wayOut: null,
  metric: null,
  network: null,
};
const ipv6: FamilyStatus = {
  ...ipv4,
  state: "down",
  reason: { code: "no-address", text: "none" },
  figures: { rttMs: null, jitterMs: null, loss: null, score: null },
};
const wan0: UplinkStatus = {
  id,
  name: "eth0",
  label: null,
  ifindex: 2,
  kind: "ethernet",
  kindSource: "driver e1000e",
  state: "degraded",
  reason: latency,
  mtu: bytes(1500),
  ipv4,
  ipv6,
  resolvers: { servers: [], source: null, detail: "" },
  metered: { value: null, source: null },
  speedMbps: null,
  counters: null,
  rttMs: 512.5,
  loss: 0.01,
  score: 780,
  probing: { profile: "normal", bytesPerDay: 21_000_000 },
};

const path: PathExplanation = {
  family: "ipv4",
  source: null,
  state: "degraded",
  reason: latency,
  sinceMs: 1_000,
  figures,
  silence: { forMs: 400, boundMs: 3_050 },
  evidence: [],
  penalty: { value: 1_500, isSuppressed: true, reusableInMs: 9_000 },
  pending: null,
};

const nothing = { uplinkId: null, name: null, reason: "none", rejected: [], order: null, shares: [], kernel: null };
const kernel = { uplinkId: id, name: "eth0", isDeadEnd: false, isOurs: false, shares: [] };
const inFailover: BackhaulExplanation["decisions"] = {
  ipv4: { ...nothing, uplinkId: id, kernel },
  ipv6: nothing,
  overall: { ...nothing, uplinkId: id },
};
const wan1: UplinkStatus = { ...wan0, id: "wan1" as UplinkId, name: "eth1" };

function sharesOf([first, second]: readonly [number, number]): readonly Share[] {
  return withPercent([
    { uplinkId: id, name: "eth0", weight: first },
    { uplinkId: wan1.id, name: "eth1", weight: second },
  ]);
}

/** One uplink that is slow, and how often its explanation was asked for. */
function slowUplink() {
  let explained = 0;
  let now = 0;
  let uplinks: readonly UplinkStatus[] = [wan0];
  let decisions = inFailover;
  const explanation = (): BackhaulExplanation => ({
    decisions,
    uplinks: uplinks.map(({ id: uplinkId, name, probing }) => {
      const silent = { ...path, family: "ipv6", silence: null, penalty: null } as const;
      return { uplinkId, name, probing, probeBytes: { sent: 0, received: 0 }, paths: [path, silent] };
    }),
    faultyTargets: ["quad9 9.9.9.9"],
    history: [],
  });
  const source: HealthMetricSource = {
    picture: () => ({
      uplinks,
      decisions,
      connectivity: { generation: 1, ipv4: "online", ipv6: "offline", active: {}, usable: [] },
    }),
    explain: () => {
      explained += 1;
      return explanation();
    },
    now: (): Millis => millis(now),
  };
  const metrics = createMetrics();
  const counts = registerHealthMetrics(metrics, source);
  return {
    counts,
    explained: () => explained,
    /** Two uplinks share IPv4: as was decided by the first weights, in the kernel by the second. */
    share: (decided: readonly [number, number], inKernel: readonly [number, number]) => {
      uplinks = [wan0, wan1];
      const ipv4 = { ...decisions.ipv4, shares: sharesOf(decided), kernel: { ...kernel, shares: sharesOf(inKernel) } };
      decisions = { ...decisions, ipv4 };
    },
    unplug: () => {
      uplinks = [];
      now += 1_000;
    },
    scrape: async () =>
      (await metrics.render()).body.split("\n").filter((line) => line.startsWith("ropewalk_backhaul_")),
  };
}

function assertHas(lines: readonly string[], wanted: readonly string[]): void {
  for (const line of wanted) assert.ok(lines.includes(line), `${line}\nis not in\n${lines.join("\n")}`);
}

test("each path shows the state that it is in, why, and what was measured", async () => {
  const lines = await slowUplink().scrape();
  assertHas(lines, [
    'ropewalk_backhaul_path_state{uplink="wan0",family="ipv4",state="degraded"} 1',
    'ropewalk_backhaul_path_state{uplink="wan0",family="ipv4",state="up"} 0',
    'ropewalk_backhaul_path_state{uplink="wan0",family="ipv6",state="down"} 1',
    'ropewalk_backhaul_path_reason{uplink="wan0",family="ipv4",reason="latency"} 1',
    'ropewalk_backhaul_path_rtt_seconds{uplink="wan0",family="ipv4"} 0.5125',
    'ropewalk_backhaul_path_jitter_seconds{uplink="wan0",family="ipv4"} 0.003',
    'ropewalk_backhaul_path_loss_ratio{uplink="wan0",family="ipv4"} 0.01',
    'ropewalk_backhaul_path_score{uplink="wan0",family="ipv4"} 780',
    'ropewalk_backhaul_path_score_part{uplink="wan0",family="ipv4",part="success"} 500',
    'ropewalk_backhaul_path_silence_seconds{uplink="wan0",family="ipv4"} 0.4',
    'ropewalk_backhaul_path_silence_bound_seconds{uplink="wan0",family="ipv4"} 3.05',
    'ropewalk_backhaul_path_damping_penalty{uplink="wan0",family="ipv4"} 1500',
    'ropewalk_backhaul_path_suppressed{uplink="wan0",family="ipv4"} 1',
    'ropewalk_backhaul_uplink_profile{uplink="wan0",profile="normal"} 1',
    "ropewalk_backhaul_faulty_targets 1",
  ]);
});

test("what was not measured has no series, rather than a zero", async () => {
  const lines = await slowUplink().scrape();
  const ofIpv6 = lines.filter((line) => line.includes('family="ipv6"') && line.includes("_path_"));
  assert.deepEqual([...new Set(ofIpv6.map((line) => line.replace(/\{.*/, "")))].toSorted(), [
    "ropewalk_backhaul_path_reason",
    "ropewalk_backhaul_path_state",
  ]);
});

test("the decision, and the kernel's route, are 1 for their uplink and 0 for all others; connectivity says which state holds", async () => {
  assertHas(await slowUplink().scrape(), [
    'ropewalk_backhaul_decision{scope="overall",uplink="wan0"} 1',
    'ropewalk_backhaul_decision{scope="ipv6",uplink="wan0"} 0',
    'ropewalk_backhaul_kernel_route{family="ipv4",uplink="wan0"} 1',
    'ropewalk_backhaul_kernel_route{family="ipv6",uplink="wan0"} 0',
    'ropewalk_backhaul_connectivity{family="ipv4",state="online"} 1',
    'ropewalk_backhaul_connectivity{family="ipv4",state="unknown"} 0',
    'ropewalk_backhaul_switches_total{scope="overall"} 0',
    "ropewalk_backhaul_stalls_total 0",
    "ropewalk_backhaul_stall_seconds_total 0",
  ]);
});

test("who gets how much of a family is told as decided and as the kernel has it, whether it is shared or not", async () => {
  const { scrape, share } = slowUplink();
  assertHas(await scrape(), [
    'ropewalk_backhaul_decision_share_ratio{family="ipv4",uplink="wan0"} 1',
    'ropewalk_backhaul_kernel_share_ratio{family="ipv4",uplink="wan0"} 1',
    'ropewalk_backhaul_kernel_share_ratio{family="ipv6",uplink="wan0"} 0',
  ]);
  share([10, 6], [10, 10]);
  assertHas(await scrape(), [
    'ropewalk_backhaul_decision_share_ratio{family="ipv4",uplink="wan0"} 0.625',
    'ropewalk_backhaul_decision_share_ratio{family="ipv4",uplink="wan1"} 0.375',
    'ropewalk_backhaul_kernel_share_ratio{family="ipv4",uplink="wan0"} 0.5',
    'ropewalk_backhaul_kernel_share_ratio{family="ipv4",uplink="wan1"} 0.5',
    'ropewalk_backhaul_decision_share_ratio{family="ipv6",uplink="wan1"} 0',
  ]);
});

test("probes are counted by what came of them, and results that never came about have no series", async () => {
  const { counts, scrape } = slowUplink();
  const source = "192.0.2.7" as never;
  const place = { uplinkId: id, name: "eth0", ifindex: 2, family: "ipv4", source, gateway: null, mark: 0 } as const;
  const question = { kind: "echo", target: source } as const;
  counts.asked({ id: 1, path: { ...place, mtu: bytes(1500) }, question, limit: millis(1_000) }, millis(0));
  counts.answered({ id: 1, result: { kind: "answered", rtt: millis(9) }, traffic: { sent: 36, received: 36 } });
  counts.stalled(millis(1_500));
  const lines = await scrape();
  assertHas(lines, [
    'ropewalk_backhaul_probes_total{uplink="wan0",family="ipv4",kind="echo",result="answered"} 1',
    'ropewalk_backhaul_probe_bytes_total{uplink="wan0",family="ipv4",kind="echo",direction="sent"} 36',
    "ropewalk_backhaul_stall_seconds_total 1.5",
  ]);
  assert.equal(lines.filter((line) => line.startsWith("ropewalk_backhaul_probes_total")).length, 1);
});

test("all series of an uplink end with it", async () => {
  const { scrape, unplug, counts } = slowUplink();
  counts.published({ kind: "uplink-changed", uplink: wan0, changed: ["ipv4.state"] });
  assertHas(await scrape(), ['ropewalk_backhaul_state_changes_total{uplink="wan0",family="ipv4",state="degraded"} 1']);
  unplug();
  assert.deepEqual(
    (await scrape()).filter((line) => line.includes("wan0")),
    [],
  );
});

test("one scrape asks for one explanation", async () => {
  const { scrape, explained } = slowUplink();
  await scrape();
  assert.equal(explained(), 1);
});
