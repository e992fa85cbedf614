/** Why the uplinks of `measured` are as they are, for the tests of what people read of it. */
import type { ExplanationDocument } from "@ropewalk/api/explanation";
import { deadWan0, measured, slowWan1 } from "./picture.ts";

const { backhaul } = measured;

export const explanation: ExplanationDocument = {
  schema: 1,
  at: measured.at,
  monitorOnly: true,
  probing: true,
  connectivity: { ipv4: "online", ipv6: "offline" },
  decisions: backhaul.decisions,
  uplinks: [
    {
      id: deadWan0.id,
      name: "wan0",
      label: null,
      kind: "ethernet",
      state: "down",
      reason: deadWan0.reason,
      probing: deadWan0.probing,
      probeBytes: { sent: 1_234_567, received: 1_100_000 },
      paths: [
        {
          family: "ipv4",
          source: "192.0.2.7",
          state: "down",
          reason: deadWan0.reason,
          sinceMs: 754_000,
          figures: deadWan0.ipv4.figures,
          silence: { forMs: 757_000, boundMs: 3_050 },
          evidence: [
            { kind: "echo", target: "gateway 192.0.2.1", text: "answered in 0.8 ms", isGood: true, ageMs: 4_200 },
            { kind: "echo", target: "cloudflare 1.1.1.1", text: "silent since 757 s", isGood: false, ageMs: 400 },
            { kind: "mtu", target: "cloudflare 1.1.1.1", text: "not asked yet", isGood: false, ageMs: null },
          ],
          penalty: { value: 1_499.6, isSuppressed: true, reusableInMs: 15_000 },
          pending: null,
        },
        {
          family: "ipv6",
          source: null,
          state: "down",
          reason: deadWan0.ipv6.reason,
          sinceMs: null,
          figures: deadWan0.ipv6.figures,
          silence: null,
          evidence: [],
          penalty: null,
          pending: null,
        },
      ],
    },
    {
      id: slowWan1.id,
      name: "wan1",
      label: "spare",
      kind: "lte",
      state: "degraded",
      reason: slowWan1.reason,
      probing: slowWan1.probing,
      probeBytes: { sent: 900, received: 0 },
      paths: [
        {
          family: "ipv4",
          source: "192.0.2.9",
          state: "degraded",
          reason: slowWan1.reason,
          sinceMs: 12_000,
          figures: slowWan1.ipv4.figures,
          silence: { forMs: 400, boundMs: 3_050 },
          evidence: [],
          penalty: { value: 210, isSuppressed: false, reusableInMs: 0 },
          pending: "up in 4.2 s when the round trip stays below 400 ms",
        },
      ],
    },
  ],
  faultyTargets: ["quad9 9.9.9.9"],
  history: [
    { agoMs: 12_000, text: "wan1/ipv4 is degraded: latency" },
    { agoMs: 754_000, text: "wan0/ipv4 is down: beyond the gateway" },
  ],
};
