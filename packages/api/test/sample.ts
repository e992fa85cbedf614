/** One node's picture for the tests of this package: every field of the contract, as a node with one uplink would fill it. */
import type { ExplanationDocument } from "@ropewalk/api/explanation";
import type { BackhaulDocument, FiguresDocument, NodeStatus, UplinkDocument } from "@ropewalk/api/http";

const latency = { code: "latency", text: "the round trip takes 512 ms" } as const;
const notMeasured: FiguresDocument = { rttMs: null, jitterMs: null, loss: null, score: null };
const figures: FiguresDocument = {
  rttMs: 512.5,
  jitterMs: 3.25,
  loss: 0.01,
  score: { total: 780, latency: 0, loss: 180, success: 500, bias: 100 },
};

export const wan0: UplinkDocument = {
  id: "pci-0000:00:03.0",
  name: "wan0",
  label: null,
  ifindex: 2,
  kind: "ethernet",
  kindSource: "driver virtio_net",
  state: "degraded",
  reason: latency,
  mtuBytes: 1500,
  ipv4: {
    state: "degraded",
    reason: latency,
    figures,
    source: "192.0.2.7",
    addresses: ["192.0.2.7/24"],
    gateway: "192.0.2.1",
    wayOut: "route",
    metric: 100,
    network: "192.0.2.0/24",
  },
  ipv6: {
    state: "down",
    reason: { code: "no-address", text: "no IPv6 address" },
    figures: notMeasured,
    source: null,
    addresses: [],
    gateway: null,
    wayOut: null,
    metric: null,
    network: null,
  },
  resolvers: { servers: ["192.0.2.53"], source: "lease", detail: "dhclient's lease" },
  metered: { value: null, source: null },
  speedMbps: null,
  counters: { receivedBytes: 10, sentBytes: 20, receivedPackets: 1, sentPackets: 2 },
  rttMs: 512.5,
  loss: 0.01,
  score: 780,
  probing: { profile: "normal", bytesPerDay: 21_000_000 },
};

const decision = {
  uplinkId: wan0.id,
  name: "wan0",
  reason: "it is the only uplink",
  rejected: [],
  order: null,
  shares: [],
  kernel: { uplinkId: wan0.id, name: "wan0", isDeadEnd: false, isOurs: false, shares: [] },
};

export const backhaul: BackhaulDocument = {
  monitorOnly: true,
  steering: { standing: "watching", text: "Ropewalk only watches: it changes no route.", confirmBy: null, unmet: [] },
  probing: true,
  connectivity: {
    generation: 3,
    ipv4: "online",
    ipv6: "offline",
    active: { ipv4: wan0.id, ipv6: null, overall: wan0.id },
    usable: [],
  },
  uplinks: [wan0],
  decisions: { ipv4: decision, ipv6: { ...decision, uplinkId: null, name: null, kernel: null }, overall: decision },
};

export const status: NodeStatus = {
  schema: 2,
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

export const explanation: ExplanationDocument = {
  schema: 1,
  at: status.at,
  monitorOnly: true,
  probing: true,
  connectivity: { ipv4: "online", ipv6: "offline" },
  decisions: backhaul.decisions,
  uplinks: [
    {
      id: wan0.id,
      name: wan0.name,
      label: null,
      kind: "ethernet",
      state: "degraded",
      reason: latency,
      probing: wan0.probing,
      probeBytes: { sent: 1_200, received: 1_100 },
      paths: [
        {
          family: "ipv4",
          source: "192.0.2.7",
          state: "degraded",
          reason: latency,
          sinceMs: 12_000,
          figures,
          silence: { forMs: 400, boundMs: 3_050 },
          evidence: [
            { kind: "echo", target: "google 8.8.8.8", text: "answered in 512.5 ms", isGood: true, ageMs: 400 },
            { kind: "mtu", target: "google 8.8.8.8", text: "not asked yet", isGood: false, ageMs: null },
          ],
          penalty: { value: 1_000, isSuppressed: false, reusableInMs: 0 },
          pending: "up in 4.2 s when it goes on answering",
        },
      ],
    },
  ],
  faultyTargets: ["quad9 9.9.9.9"],
  history: [{ agoMs: 12_000, text: "wan0/ipv4 up → degraded: latency" }],
};
