/** The backhaul's metrics. All are read from its present picture at each scrape, so a series ends with its uplink. */
import type { LinkCounters } from "@ropewalk/host/facts";
import type { NetworkWatchCounts } from "@ropewalk/host/ports";
import type { Counter, Metrics } from "@ropewalk/ops/metrics";
import type { BackhaulState } from "./pure/state.ts";
import { reasonCodes, type UplinkState } from "./status.ts";

/** Where the values come from at the time of a scrape. */
export interface MetricSource {
  readonly state: () => BackhaulState;
  readonly counters: () => ReadonlyMap<number, LinkCounters>;
  readonly networkCounts: () => NetworkWatchCounts;
}

/** Registers everything; the counter that is returned counts published events. */
export function registerBackhaulMetrics(metrics: Metrics, source: MetricSource): Counter<"kind"> {
  registerUplinks(metrics, source);
  registerTraffic(metrics, source);
  registerNetwork(metrics, source);
  return metrics.counter<"kind">({
    name: "ropewalk_backhaul_events_total",
    help: "Changes told to subscribers.",
    labels: ["kind"],
  });
}

function registerUplinks(metrics: Metrics, source: MetricSource): void {
  metrics.gauge({
    name: "ropewalk_backhaul_uplinks",
    help: "Uplinks by state.",
    labels: ["state"],
    collect: (set) => {
      for (const state of Object.keys(reasonCodes) as UplinkState[]) {
        set({ state }, source.state().picture.uplinks.filter((uplink) => uplink.state === state).length);
      }
    },
  });
  metrics.gauge({
    name: "ropewalk_backhaul_uplink_interface",
    help: "Always 1; the labels say which interface an uplink is now and of what kind.",
    labels: ["uplink", "interface", "kind"],
    collect: (set) => {
      for (const { id, name, kind } of source.state().picture.uplinks) set({ uplink: id, interface: name, kind }, 1);
    },
  });
  metrics.gauge({
    name: "ropewalk_backhaul_uplink_carrier",
    help: "1 when the uplink has a carrier, else 0.",
    labels: ["uplink"],
    collect: (set) => {
      for (const { id, link } of source.state().uplinks.values()) set({ uplink: id }, Number(link.hasCarrier));
    },
  });
  metrics.gauge({
    name: "ropewalk_backhaul_connectivity_generation",
    help: "Grows by one with every change of what the other parts of the node are told.",
    labels: [],
    collect: (set) => set({}, source.state().picture.connectivity.generation),
  });
}

function registerTraffic(metrics: Metrics, source: MetricSource): void {
  const byUplink = (
    set: (labels: { readonly uplink: string }, value: number) => void,
    read: (c: LinkCounters) => number,
  ) => {
    const counters = source.counters();
    for (const { id, link } of source.state().uplinks.values()) {
      const own = counters.get(link.ifindex);
      if (own !== undefined) set({ uplink: id }, read(own));
    }
  };
  metrics.counter({
    name: "ropewalk_backhaul_uplink_received_bytes_total",
    help: "Octets received by the uplink since its interface appeared.",
    labels: ["uplink"],
    collect: (set) => byUplink(set, (counters) => counters.receivedBytes),
  });
  metrics.counter({
    name: "ropewalk_backhaul_uplink_sent_bytes_total",
    help: "Octets sent by the uplink since its interface appeared.",
    labels: ["uplink"],
    collect: (set) => byUplink(set, (counters) => counters.sentBytes),
  });
}

const networkCounters: readonly (readonly [
  name: string,
  help: string,
  read: (counts: NetworkWatchCounts) => number,
])[] = [
  ["messages", "Messages of the kernel about links, addresses and routes.", (counts) => counts.messages],
  ["undecodable_messages", "Messages of the kernel that could not be decoded.", (counts) => counts.undecodable],
  ["resyncs", "Times that everything was read again because events were lost.", (counts) => counts.resyncs],
  ["carrier_polls", "Reads of a link's carrier.", (counts) => counts.carrierPolls],
  [
    "polled_carrier_edges",
    "Carrier changes that a poll saw before any event told.",
    (counts) => counts.carrierEdgesByPoll,
  ],
];

function registerNetwork(metrics: Metrics, source: MetricSource): void {
  for (const [name, help, read] of networkCounters) {
    metrics.counter({
      name: `ropewalk_backhaul_network_${name}_total`,
      help,
      labels: [],
      collect: (set) => set({}, read(source.networkCounts())),
    });
  }
}
