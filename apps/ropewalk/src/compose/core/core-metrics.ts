/** What an exit counts, as Prometheus reads it: nothing of a single peer, and no label that a stranger could choose. */
import type { CoreStatusDocument } from "@ropewalk/api/core";
import type { Metrics } from "@ropewalk/ops/metrics";

/** Peers of the device that were not as they should be, since the start. */
export type DriftTotals = Readonly<Record<"added" | "removed" | "updated", number>>;

export interface MeasuredCore {
  readonly status: () => CoreStatusDocument;
  readonly drift: () => DriftTotals;
}

export function registerCoreMetrics(metrics: Metrics, { status, drift }: MeasuredCore): void {
  registerCounts(metrics, status);
  registerOrders(metrics, status);
  metrics.counter({
    name: "ropewalk_core_dropped_packets_total",
    help: "Packets that the exit's firewall dropped since its table was made, by reason.",
    labels: ["reason"],
    collect: (set) => {
      for (const { reason, packets } of status().drops) set({ reason }, packets);
    },
  });
  metrics.counter({
    name: "ropewalk_core_drift_peers_total",
    help: "Peers of the device that a comparison found missing (added), too many (removed) or wrong (updated).",
    labels: ["change"],
    collect: (set) => {
      const totals = drift();
      for (const change of ["added", "removed", "updated"] as const) set({ change }, totals[change]);
    },
  });
  metrics.gauge({
    name: "ropewalk_core_reconcile_seconds",
    help: "How long the last comparison of the device took; no series before the first.",
    labels: [],
    collect: (set) => {
      const { reconcile } = status();
      if (reconcile !== null) set({}, reconcile.tookMs / 1000);
    },
  });
}

function registerCounts(metrics: Metrics, status: MeasuredCore["status"]): void {
  const gauge = (name: string, help: string, read: (counts: CoreStatusDocument["counts"]) => number) =>
    metrics.gauge({ name, help, labels: [], collect: (set) => set({}, read(status().counts)) });
  gauge("ropewalk_core_peers", "Peers that the exit carries.", ({ peers }) => peers);
  gauge("ropewalk_core_capacity_peers", "Peers that it is made for.", ({ capacity }) => capacity);
  gauge("ropewalk_core_strangers", "Peers of which only the device knew.", ({ strangers }) => strangers);
  gauge("ropewalk_core_tombstones", "Placements that are known to be removed.", ({ tombstones }) => tombstones);
  gauge("ropewalk_core_resting_addresses", "Addresses that nobody is given yet.", ({ resting }) => resting);
}

function registerOrders(metrics: Metrics, status: MeasuredCore["status"]): void {
  metrics.gauge({
    name: "ropewalk_core_wants_snapshot",
    help: "Whether the exit waits for a snapshot (1) or has one (0).",
    labels: [],
    collect: (set) => set({}, status().orders.wantsSnapshot ? 1 : 0),
  });
  metrics.gauge({
    name: "ropewalk_core_entry_silence_seconds",
    help: "Since when entry has not answered a heartbeat, or since the start; no series where no entry is configured.",
    labels: [],
    collect: (set) => {
      const { at, startedAt, entry } = status();
      if (entry.address !== null) set({}, Math.max(0, at - (entry.heardAt ?? startedAt)) / 1000);
    },
  });
}
