/** Puts the backhaul's own picture into the words of the API's contract. */
import type {
  BackhaulDocument,
  ConnectivityDocument,
  DecisionDocument,
  DecisionsDocument,
  FamilyDocument,
  UplinkDocument,
} from "@ropewalk/api/http";
import { isMovingTraffic, type SteeringDocument } from "@ropewalk/api/steering";
import type { BackhaulStatus, Decision, FamilyStatus, UplinkStatus } from "@ropewalk/backhaul/status";
import { formatPrefix } from "@ropewalk/kernel/addresses";
import type { Connectivity } from "@ropewalk/kernel/connectivity";

export function backhaulDocument(status: BackhaulStatus, steering: SteeringDocument): BackhaulDocument {
  return {
    monitorOnly: !isMovingTraffic(steering),
    steering,
    probing: status.probing,
    connectivity: connectivityDocument(status.connectivity),
    uplinks: status.uplinks.map(uplinkDocument),
    decisions: decisionsDocument(status.decisions),
  };
}

export function uplinkDocument(uplink: UplinkStatus): UplinkDocument {
  const { mtu, ipv4, ipv6, ...same } = uplink;
  return { ...same, mtuBytes: mtu, ipv4: familyDocument(ipv4), ipv6: familyDocument(ipv6) };
}

export function connectivityDocument(connectivity: Connectivity): ConnectivityDocument {
  const { generation, ipv4, ipv6, active, usable } = connectivity;
  return {
    generation,
    ipv4,
    ipv6,
    active: { ipv4: active.ipv4 ?? null, ipv6: active.ipv6 ?? null, overall: active.overall ?? null },
    usable: usable.map(({ mtu, ...path }) => ({ ...path, mtuBytes: mtu })),
  };
}

export function decisionsDocument(decisions: BackhaulStatus["decisions"]): DecisionsDocument {
  return {
    ipv4: decisionDocument(decisions.ipv4),
    ipv6: decisionDocument(decisions.ipv6),
    overall: decisionDocument(decisions.overall),
  };
}

function decisionDocument(decision: Decision): DecisionDocument {
  return decision;
}

function familyDocument(family: FamilyStatus): FamilyDocument {
  return {
    ...family,
    addresses: family.addresses.map(formatPrefix),
    network: family.network === null ? null : formatPrefix(family.network),
  };
}
