/** One node's picture for the tests of this package: every field of the contract, as a node with one uplink would fill it. */
import type { BackhaulDocument, NodeStatus, UplinkDocument } from "@ropewalk/api/http";

const notMeasured = { code: "not-measured", text: "not measured" } as const;

export const wan0: UplinkDocument = {
  id: "pci-0000:00:03.0",
  name: "wan0",
  label: null,
  ifindex: 2,
  kind: "ethernet",
  kindSource: "driver virtio_net",
  state: "unknown",
  reason: notMeasured,
  mtuBytes: 1500,
  ipv4: {
    state: "unknown",
    reason: notMeasured,
    source: "192.0.2.7",
    addresses: ["192.0.2.7/24"],
    gateway: "192.0.2.1",
    metric: 100,
    network: "192.0.2.0/24",
  },
  ipv6: {
    state: "down",
    reason: { code: "no-address", text: "no IPv6 address" },
    source: null,
    addresses: [],
    gateway: null,
    metric: null,
    network: null,
  },
  resolvers: { servers: ["192.0.2.53"], source: "lease", detail: "dhclient's lease" },
  metered: { value: null, source: null },
  speedMbps: null,
  counters: { receivedBytes: 10, sentBytes: 20, receivedPackets: 1, sentPackets: 2 },
  rttMs: null,
  loss: null,
  score: null,
};

const decision = {
  uplinkId: wan0.id,
  name: "wan0",
  reason: "it is the only uplink",
  rejected: [],
  kernel: { uplinkId: wan0.id, name: "wan0", isDeadEnd: false },
};

export const backhaul: BackhaulDocument = {
  monitorOnly: true,
  probing: false,
  connectivity: {
    generation: 3,
    ipv4: "unknown",
    ipv6: "offline",
    active: { ipv4: wan0.id, ipv6: null, overall: wan0.id },
    usable: [],
  },
  uplinks: [wan0],
  decisions: { ipv4: decision, ipv6: { ...decision, uplinkId: null, name: null, kernel: null }, overall: decision },
};

export const status: NodeStatus = {
  schema: 1,
  version: "0.1.0",
  pid: 42,
  startedAt: "2026-11-20T12:00:00.000Z",
  at: "2026-11-20T12:00:01.000Z",
  health: {
    state: "healthy",
    ready: true,
    subsystems: [{ name: "backhaul", state: "healthy", reason: null, since: null }],
  },
  backhaul,
};
