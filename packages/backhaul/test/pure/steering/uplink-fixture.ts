/** Uplinks and decisions for the tests of the steering: each uplink is known by its slot, and judged as the test says. */
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import type { Decision, DecisionScope, FamilyStatus, UplinkReasonCode, UplinkStatus } from "@ropewalk/backhaul/status";
import { type Family, ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";
import { as } from "../choice-fixture.ts";

export type Decisions = Readonly<Record<DecisionScope, Decision>>;

export const idOf = (slot: number): UplinkId => `mac-${slot}` as UplinkId;

function family(slot: number, which: Family, code: UplinkReasonCode): FamilyStatus {
  const address = ipAddress(which === "ipv4" ? `10.0.${slot}.2` : `2001:db8:${slot}::2`);
  return {
    ...as(code),
    figures: { rttMs: null, jitterMs: null, loss: null, score: null },
    source: code === "no-address" ? null : address,
    addresses: [{ address, length: which === "ipv4" ? 24 : 64 }],
    gateway: null,
    wayOut: code === "no-route" ? null : "route",
    metric: code === "no-route" ? null : 100,
    network: null,
  };
}

/** Its interface is 10 more than its slot. */
export function uplink(slot: number, code: UplinkReasonCode, ipv6: UplinkReasonCode = "no-address"): SlottedUplink {
  const ipv4 = family(slot, "ipv4", code);
  const status: UplinkStatus = {
    id: idOf(slot),
    name: `wan${slot}`,
    label: null,
    ifindex: 10 + slot,
    kind: "ethernet",
    kindSource: "driver e1000e",
    state: ipv4.state,
    reason: ipv4.reason,
    mtu: bytes(1_500),
    ipv4,
    ipv6: family(slot, "ipv6", ipv6),
    resolvers: { servers: [], source: null, detail: "none" },
    metered: { value: null, source: null },
    speedMbps: null,
    counters: null,
    rttMs: null,
    loss: null,
    score: null,
    probing: null,
  };
  return { status, slot };
}

/** The one with this slot was decided for, of each family; undefined: none. */
export function deciding(slot: number | undefined, ipv6: number | undefined = slot): Decisions {
  const [v4, v6] = [decisionFor(slot), decisionFor(ipv6)];
  return { ipv4: v4, ipv6: v6, overall: v4 };
}

/** The first was decided for, and IPv4 traffic is to be shared by these weights. */
export function sharing(...weights: readonly (readonly [slot: number, weight: number])[]): Decisions {
  const decisions = deciding(weights[0]?.[0]);
  const shares = weights.map(([slot, weight]) => ({ uplinkId: idOf(slot), name: `wan${slot}`, weight, percent: 0 }));
  return { ...decisions, ipv4: { ...decisions.ipv4, shares } };
}

function decisionFor(slot: number | undefined): Decision {
  const uplinkId = slot === undefined ? null : idOf(slot);
  return {
    uplinkId,
    name: slot === undefined ? null : `wan${slot}`,
    reason: "test",
    rejected: [],
    order: null,
    shares: [],
    kernel: null,
  };
}
