/** The places of an end, as Prometheus reads them: all are of the configuration, so that their number is the operator's. */
import type { Metrics } from "@ropewalk/ops/metrics";
import type { TunnelStatus } from "@ropewalk/tunnel/status";

export function registerPlaceMetrics(metrics: Metrics, end: { status(): TunnelStatus }): void {
  metrics.gauge({
    name: "ropewalk_tunnel_lane_up",
    help: "Of a source: 1 while a lane to a destination carries its session, else 0.",
    labels: [],
    collect: (set) => {
      const status = end.status();
      if (status.role === "source") set({}, status.reach.kind === "up" ? 1 : 0);
    },
  });
  metrics.gauge({
    name: "ropewalk_tunnel_destination_refusing",
    help: "Of a source: 1 for a destination that refused too often and is asked seldom, else 0.",
    labels: ["destination"],
    collect: (set) => {
      const status = end.status();
      if (status.role !== "source") return;
      for (const { destination, breaker } of status.destinations) set({ destination }, breaker.kind === "open" ? 1 : 0);
    },
  });
  const listeners = () => end.status().listeners.map((each) => ({ ...each, name: `${each.address} ${each.port}` }));
  const place = "an exposed port; at a destination those whose peer is not known yet";
  connections(metrics, "listener", place, listeners);
  const services = () => {
    const status = end.status();
    return status.role === "destination" ? status.services : [];
  };
  connections(metrics, "service", "a service", services);
}

interface Counted {
  readonly name: string;
  readonly connections: number;
  readonly limit: number;
}

function connections(metrics: Metrics, label: "listener" | "service", of: string, read: () => readonly Counted[]) {
  metrics.gauge({
    name: `ropewalk_tunnel_${label}_connections`,
    help: `Connections of ${of}.`,
    labels: [label],
    collect: (set) => {
      for (const { name, connections } of read()) set({ [label]: name } as Record<typeof label, string>, connections);
    },
  });
  metrics.gauge({
    name: `ropewalk_tunnel_${label}_connections_limit`,
    help: `Connections that ${of} may have.`,
    labels: [label],
    collect: (set) => {
      for (const { name, limit } of read()) set({ [label]: name } as Record<typeof label, string>, limit);
    },
  });
}
