/** Pictures of a node for the tests of what people see: one uplink in use, one without carrier; unmeasured, and measured. */
import type { FiguresDocument, NodeStatus, UplinkDocument } from "@ropewalk/api/http";

const notMeasured = { code: "not-measured", text: "whether the internet answers is not measured" } as const;
const noFigures: FiguresDocument = { rttMs: null, jitterMs: null, loss: null, score: null };
const noCarrier = { code: "no-carrier", text: "wan1 has no carrier: plug its cable in" } as const;

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
    figures: noFigures,
    source: "192.0.2.7",
    addresses: ["192.0.2.9/24", "192.0.2.7/24"],
    gateway: "192.0.2.1",
    wayOut: "route",
    metric: 100,
    network: "192.0.2.0/24",
  },
  ipv6: {
    state: "down",
    reason: { code: "no-address", text: "wan0 has no IPv6 address" },
    figures: noFigures,
    source: null,
    addresses: [],
    gateway: null,
    wayOut: null,
    metric: null,
    network: null,
  },
  resolvers: { servers: [], source: null, detail: "no resolver is known for wan0" },
  metered: { value: true, source: "config" },
  speedMbps: 1000,
  counters: { receivedBytes: 10, sentBytes: 20, receivedPackets: 1, sentPackets: 2 },
  rttMs: null,
  loss: null,
  score: null,
  probing: null,
};

export const wan1: UplinkDocument = {
  ...wan0,
  id: "usb-1",
  name: "wan1",
  label: "spare",
  kind: "lte",
  state: "down",
  reason: noCarrier,
  ipv4: { ...wan0.ipv4, state: "down", reason: noCarrier, source: null, addresses: [], gateway: null, metric: null },
  counters: null,
};

const decision = {
  uplinkId: wan0.id,
  name: "wan0",
  reason: "wan0 is the only usable uplink",
  rejected: [{ uplinkId: wan1.id, name: "wan1", reason: "no carrier" }],
  order: null,
  shares: [],
  kernel: { uplinkId: wan0.id, name: "wan0", isDeadEnd: false, isOurs: false, shares: [] },
};

export const picture: NodeStatus = {
  schema: 2,
  version: "0.1.0",
  pid: 42,
  startedAt: "2026-11-20T12:00:00.000Z",
  at: "2026-11-20T12:00:01.000Z",
  health: { state: "healthy", ready: true, subsystems: [] },
  backhaul: {
    monitorOnly: true,
    steering: { standing: "watching", text: "Ropewalk only watches: it changes no route.", confirmBy: null, unmet: [] },
    probing: false,
    connectivity: {
      generation: 1,
      ipv4: "unknown",
      ipv6: "offline",
      active: { ipv4: wan0.id, ipv6: null, overall: wan0.id },
      usable: [],
    },
    uplinks: [wan0, wan1],
    decisions: { ipv4: decision, ipv6: { ...decision, uplinkId: null, name: null, kernel: null }, overall: decision },
  },
};

const beyond = { code: "beyond-gateway", text: "wan0's gateway answers and nothing beyond it does" } as const;
const slow = {
  code: "latency",
  text: "the round trip by wan1 takes 512 ms, above quality.rtt_above (400 ms)",
} as const;
const slowFigures: FiguresDocument = {
  rttMs: 512.4,
  jitterMs: 3.25,
  loss: 0.004,
  score: { total: 757, latency: 0, loss: 197, success: 500, bias: 60 },
};

/** The kernel sends by this one, and nothing comes back. */
export const deadWan0: UplinkDocument = {
  ...wan0,
  state: "down",
  reason: beyond,
  ipv4: { ...wan0.ipv4, state: "down", reason: beyond, figures: { ...noFigures, loss: 1 } },
  loss: 1,
  probing: { profile: "normal", bytesPerDay: 21_400_000 },
};

export const slowWan1: UplinkDocument = {
  ...wan1,
  state: "degraded",
  reason: slow,
  ipv4: { ...wan0.ipv4, state: "degraded", reason: slow, figures: slowFigures },
  rttMs: 512.4,
  loss: 0.004,
  score: 757,
  probing: { profile: "eco", bytesPerDay: 780_000 },
};

const chosen = {
  uplinkId: slowWan1.id,
  name: "wan1",
  reason: "wan1 is the only one that answers",
  rejected: [{ uplinkId: wan0.id, name: "wan0", reason: beyond.text }],
  order: null,
  shares: [],
  kernel: decision.kernel,
};

export const measured: NodeStatus = {
  ...picture,
  backhaul: {
    ...picture.backhaul,
    probing: true,
    connectivity: { ...picture.backhaul.connectivity, ipv4: "online" },
    uplinks: [deadWan0, slowWan1],
    decisions: {
      ipv4: chosen,
      ipv6: { ...chosen, uplinkId: null, name: null, reason: "no uplink has IPv6", kernel: null },
      overall: chosen,
    },
  },
};
