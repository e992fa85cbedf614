/**
 * Metrics of what was measured, judged and chosen. All are read at the scrape, from the picture, the explanation and the
 * counts, so a series ends with its uplink and no probe pays for a label.
 */
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { BackhaulExplanation, PathExplanation } from "./explanation.ts";
import { HealthCounts, probeResults } from "./health-counts.ts";
import type { Picture } from "./pure/picture.ts";
import { registerShareMetrics } from "./share-metrics.ts";
import { type DecisionScope, type FamilyStatus, reasonCodes, type UplinkState } from "./status.ts";

/** Where the values come from at the time of a scrape. */
export interface HealthMetricSource {
  readonly picture: () => Picture;
  readonly explain: () => BackhaulExplanation;
  readonly now: () => Millis;
}

const prefix = "ropewalk_backhaul";
const states = Object.keys(reasonCodes) as UplinkState[];
const scopes: readonly DecisionScope[] = ["ipv4", "ipv6", "overall"];

/** Registers everything; what is returned must be told of every probe, stall and event. */
export function registerHealthMetrics(metrics: Metrics, source: HealthMetricSource): HealthCounts {
  const counts = new HealthCounts();
  registerStates(metrics, source);
  registerFigures(metrics, source);
  registerDetector(metrics, source);
  registerDecisions(metrics, source, counts);
  registerShareMetrics(metrics, source);
  registerProbes(metrics, source, counts);
  registerStalls(metrics, counts);
  return counts;
}

/** Calls `each` for every family of every uplink, whether it has an address in it or not. */
function eachPath(
  { picture }: HealthMetricSource,
  each: (labels: { readonly uplink: string; readonly family: Family }, status: FamilyStatus) => void,
): void {
  for (const uplink of picture().uplinks) {
    for (const family of families) each({ uplink: uplink.id, family }, uplink[family]);
  }
}

function registerStates(metrics: Metrics, source: HealthMetricSource): void {
  metrics.gauge({
    name: `${prefix}_path_state`,
    help: "1 for the state that a family of an uplink is in, 0 for the others.",
    labels: ["uplink", "family", "state"],
    collect: (set) =>
      eachPath(source, (labels, status) => {
        for (const state of states) set({ ...labels, state }, Number(status.state === state));
      }),
  });
  metrics.gauge({
    name: `${prefix}_path_reason`,
    help: "Always 1; the label says why a family of an uplink is in its state.",
    labels: ["uplink", "family", "reason"],
    collect: (set) => eachPath(source, (labels, { reason }) => set({ ...labels, reason: reason.code }, 1)),
  });
  metrics.gauge({
    name: `${prefix}_connectivity`,
    help: "1 for what a family is for this node (online, offline, portal, unknown), 0 for the others.",
    labels: ["family", "state"],
    collect: (set) => {
      for (const family of families) {
        for (const state of ["online", "offline", "portal", "unknown"] as const) {
          set({ family, state }, Number(source.picture().connectivity[family] === state));
        }
      }
    },
  });
}

const figures: readonly (readonly [name: string, help: string, read: (status: FamilyStatus) => number | null])[] = [
  ["path_rtt_seconds", "Smoothed round trip.", ({ figures: { rttMs } }) => inSeconds(rttMs)],
  [
    "path_jitter_seconds",
    "Smoothed difference of a round trip from the mean.",
    ({ figures: { jitterMs } }) => inSeconds(jitterMs),
  ],
  ["path_loss_ratio", "Share of probes lost there or back, 0 to 1.", ({ figures: { loss } }) => loss],
  [
    "path_score",
    "Score by which uplinks are compared; more is better.",
    ({ figures: { score } }) => score?.total ?? null,
  ],
];

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function registerFigures(metrics: Metrics, source: HealthMetricSource): void {
  for (const [name, help, read] of figures) {
    metrics.gauge({
      name: `${prefix}_${name}`,
      help,
      labels: ["uplink", "family"],
      collect: (set) =>
        eachPath(source, (labels, status) => {
          const value = read(status);
          if (value !== null) set(labels, value);
        }),
    });
  }
  metrics.gauge({
    name: `${prefix}_path_score_part`,
    help: "What each part adds to the score: latency, loss, success of the kinds of probes, bias of the uplink's kind.",
    labels: ["uplink", "family", "part"],
    collect: (set) =>
      eachPath(source, (labels, { figures: { score } }) => {
        if (score === null) return;
        for (const part of ["latency", "loss", "success", "bias"] as const) set({ ...labels, part }, score[part]);
      }),
  });
}

const details: readonly (readonly [name: string, help: string, read: (path: PathExplanation) => number | null])[] = [
  ["path_silence_seconds", "Time since the last sign of life.", ({ silence }) => inSeconds(silence?.forMs ?? null)],
  [
    "path_silence_bound_seconds",
    "Silence from which on the path counts as dead.",
    ({ silence }) => inSeconds(silence?.boundMs ?? null),
  ],
  ["path_damping_penalty", "Penalty for flapping (RFC 2439), decaying.", ({ penalty }) => penalty?.value ?? null],
  [
    "path_suppressed",
    "1 while a path that answers is kept out of use for its flapping, else 0.",
    ({ penalty }) => (penalty === null ? null : Number(penalty.isSuppressed)),
  ],
];

function registerDetector(metrics: Metrics, source: HealthMetricSource): void {
  const explain = oncePerScrape(source);
  for (const [name, help, read] of details) {
    metrics.gauge({
      name: `${prefix}_${name}`,
      help,
      labels: ["uplink", "family"],
      collect: (set) => {
        for (const { uplinkId, paths } of explain().uplinks) {
          for (const path of paths) {
            const value = read(path);
            if (value !== null) set({ uplink: uplinkId, family: path.family }, value);
          }
        }
      },
    });
  }
  metrics.gauge({
    name: `${prefix}_faulty_targets`,
    help: "Targets of probes that answer on no uplink while others do.",
    labels: [],
    collect: (set) => set({}, explain().faultyTargets.length),
  });
}

/** A scrape reads every metric within milliseconds; an explanation is not made anew for each. */
function oncePerScrape({ explain, now }: HealthMetricSource): () => BackhaulExplanation {
  let last: { readonly at: Millis; readonly explanation: BackhaulExplanation } | undefined;
  return () => {
    const at = now();
    if (last === undefined || at - last.at > 50) last = { at, explanation: explain() };
    return last.explanation;
  };
}

function registerDecisions(metrics: Metrics, source: HealthMetricSource, counts: HealthCounts): void {
  metrics.gauge({
    name: `${prefix}_decision`,
    help: "1 for the uplink that Ropewalk would use, 0 for the others.",
    labels: ["scope", "uplink"],
    collect: (set) => {
      const { uplinks, decisions } = source.picture();
      for (const scope of scopes) {
        for (const { id } of uplinks) set({ scope, uplink: id }, Number(decisions[scope].uplinkId === id));
      }
    },
  });
  metrics.gauge({
    name: `${prefix}_kernel_route`,
    help: "1 for the uplink that the kernel's own routes send a family by, 0 for the others.",
    labels: ["family", "uplink"],
    collect: (set) => {
      const { uplinks, decisions } = source.picture();
      for (const family of families) {
        const used = decisions[family].kernel?.uplinkId;
        for (const { id } of uplinks) set({ family, uplink: id }, Number(used === id));
      }
    },
  });
  metrics.counter({
    name: `${prefix}_switches_total`,
    help: "Times that another uplink was chosen than before.",
    labels: ["scope"],
    collect: (set) => {
      for (const scope of scopes) set({ scope }, counts.switches[scope]);
    },
  });
  metrics.counter({
    name: `${prefix}_state_changes_total`,
    help: "Times that a family of an uplink came into a state.",
    labels: ["uplink", "family", "state"],
    collect: (set) => {
      for (const { uplinkId, family, state, count } of counts.stateChanges(presentIn(source))) {
        set({ uplink: uplinkId, family, state }, count);
      }
    },
  });
}

function presentIn({ picture }: HealthMetricSource): ReadonlySet<UplinkId> {
  return new Set(picture().uplinks.map(({ id }) => id));
}

function registerProbes(metrics: Metrics, source: HealthMetricSource, counts: HealthCounts): void {
  const tallies = () => counts.probes(presentIn(source), source.now());
  metrics.counter({
    name: `${prefix}_probes_total`,
    help: "Probes by what came of them; one that is under way is in none.",
    labels: ["uplink", "family", "kind", "result"],
    collect: (set) => {
      for (const { uplinkId, family, kind, results } of tallies()) {
        for (const result of probeResults) {
          if (results[result] > 0) set({ uplink: uplinkId, family, kind, result }, results[result]);
        }
      }
    },
  });
  metrics.counter({
    name: `${prefix}_probe_bytes_total`,
    help: "Octets of the probes' packets, IP headers included.",
    labels: ["uplink", "family", "kind", "direction"],
    collect: (set) => {
      for (const { uplinkId, family, kind, sentBytes, receivedBytes } of tallies()) {
        if (sentBytes > 0) set({ uplink: uplinkId, family, kind, direction: "sent" }, sentBytes);
        if (receivedBytes > 0) set({ uplink: uplinkId, family, kind, direction: "received" }, receivedBytes);
      }
    },
  });
  metrics.gauge({
    name: `${prefix}_uplink_profile`,
    help: "Always 1; the label says by which profile an uplink is probed. Absent when it is not.",
    labels: ["uplink", "profile"],
    collect: (set) => {
      for (const { id, probing } of source.picture().uplinks) {
        if (probing !== null) set({ uplink: id, profile: probing.profile }, 1);
      }
    },
  });
}

function registerStalls(metrics: Metrics, counts: HealthCounts): void {
  metrics.counter({
    name: `${prefix}_stalls_total`,
    help: "Times that this process did not run when it was to probe; no link is blamed for them.",
    labels: [],
    collect: (set) => set({}, counts.stalls),
  });
  metrics.counter({
    name: `${prefix}_stall_seconds_total`,
    help: "How long it did not run, in all.",
    labels: [],
    collect: (set) => set({}, counts.stalledFor / 1_000),
  });
}
