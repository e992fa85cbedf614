/** What the mesh counts, for Prometheus. No label holds an address: whom a node knows is nobody's business. */
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import type { MeshStatus } from "@ropewalk/mesh/status";
import type { Metrics } from "@ropewalk/ops/metrics";

/** Counts what it is given. */
export type CountMeshEvent = (event: MeshEvent) => void;

/** `status` is undefined until the node is made. */
export function registerMeshMetrics(metrics: Metrics, status: () => MeshStatus | undefined): CountMeshEvent {
  const gauge = (name: string, help: string, read: (status: MeshStatus) => number) =>
    metrics.gauge({
      ...{ name, help, labels: [] },
      collect: (set) => {
        const now = status();
        if (now !== undefined) set({}, read(now));
      },
    });
  gauge("ropewalk_mesh_neighbours", "Neighbours that have a link.", ({ peers }) => peers.length);
  gauge("ropewalk_mesh_strangers", "Connections that have not proved a key.", ({ strangers }) => strangers);
  metrics.gauge({
    ...{ name: "ropewalk_mesh_discovered", help: "Nodes heard on local networks of late.", labels: [] },
    collect: (set) => {
      const discovered = status()?.discovered;
      if (discovered !== undefined) set({}, discovered);
    },
  });
  gauge("ropewalk_mesh_routes_limit", "Nodes that this one keeps at most.", ({ routes }) => routes.limit);
  gauge(
    "ropewalk_mesh_held",
    "Whether sequences cannot be set aside, so that there are no links (1), or can (0).",
    (now) => (now.held === undefined ? 0 : 1),
  );
  metrics.gauge({
    name: "ropewalk_mesh_routes",
    help: "Nodes that are known, by whether there is a way to them now.",
    labels: ["state"],
    collect: (set) => {
      const routes = status()?.routes;
      if (routes === undefined) return;
      set({ state: "reachable" }, routes.reachable);
      set({ state: "unreachable" }, routes.known - routes.reachable);
    },
  });
  registerTally(metrics, status);
  const events = metrics.counter({
    name: "ropewalk_mesh_events_total",
    help: "What the mesh has told, by kind: links made and ended, strangers refused, peers that could not be dialled.",
    labels: ["kind"],
  });
  return ({ kind }) => events.add({ kind });
}

function registerTally(metrics: Metrics, status: () => MeshStatus | undefined): void {
  const tally = () => status()?.tally;
  const total = (name: string, help: string, read: () => number | undefined) =>
    metrics.counter({ name, help, labels: [], collect: (set) => set({}, read() ?? 0) });
  const byReason = (name: string, help: string, read: () => ReadonlyMap<string, number> | undefined) =>
    metrics.counter({
      ...{ name, help, labels: ["reason"] },
      collect: (set) => {
        for (const [reason, count] of read() ?? []) set({ reason }, count);
      },
    });
  const strangers = "Connections that were accepted and became no link, by reason.";
  byReason("ropewalk_mesh_strangers_refused_total", strangers, () => status()?.strangersRefused);
  const proved = "Announces whose signature was proved.";
  total("ropewalk_mesh_announces_proved_total", proved, () => tally()?.announcesProved);
  const refused = "Announces that were not taken, by reason.";
  byReason("ropewalk_mesh_announces_refused_total", refused, () => tally()?.announcesRefused);
  total("ropewalk_mesh_packets_passed_total", "Packets passed on for others.", () => tally()?.packetsPassed);
  total("ropewalk_mesh_packets_arrived_total", "Packets for this node.", () => tally()?.packetsArrived);
  const dropped = "Packets that could not be passed on, by reason.";
  byReason("ropewalk_mesh_packets_dropped_total", dropped, () => tally()?.packetsDropped);
  metrics.counter({
    name: "ropewalk_mesh_over_rate_total",
    help: "What links brought faster than they may, by kind.",
    labels: ["kind"],
    collect: (set) => {
      for (const { kind, count } of tally()?.overRate.entries() ?? []) set({ kind }, count);
    },
  });
}
