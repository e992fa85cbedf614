/**
 * Which uplink is best while nothing is measured, and why not the others. One order for everything that is ranked:
 * usable, not known to cost by volume, kind, metric of the kernel's route, id. The first that differs decides and is told.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Decision, KernelRoute, UplinkKind } from "../status.ts";

/**
 * How much a kind is liked before anything is measured. Ethernet to Bluetooth as in the seed (004 "Interface Scoring"). A virtual
 * link (bridge, bond, VLAN) mostly stands on wired ports; of an unknown one nothing is known, so it ranks
 * behind what is a network of its own and before a phone's battery.
 */
export const kindBias: Readonly<Record<UplinkKind, number>> = {
  ethernet: 100,
  virtual: 90,
  wifi: 80,
  lte: 60,
  unknown: 50,
  "usb-tether": 40,
  "bluetooth-pan": 40,
};

const kindNames: Readonly<Record<UplinkKind, string>> = {
  ethernet: "Ethernet",
  virtual: "a virtual link",
  wifi: "Wi-Fi",
  lte: "LTE",
  unknown: "of unknown kind",
  "usb-tether": "a USB tether",
  "bluetooth-pan": "a Bluetooth tether",
};

export interface Candidate {
  readonly uplinkId: UplinkId;
  readonly name: string;
  readonly kind: UplinkKind;
  readonly metered: boolean | null;
  /** Of the kernel's default route; null without one. */
  readonly metric: number | null;
  /** Why it cannot be used; undefined when it can. */
  readonly obstacle: string | undefined;
}

type Criterion = "usable" | "metered" | "kind" | "metric" | "id";

/** Negative when `a` is better. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return firstDifference(a, b).order;
}

function firstDifference(a: Candidate, b: Candidate): { readonly by: Criterion; readonly order: number } {
  const usable = Number(a.obstacle !== undefined) - Number(b.obstacle !== undefined);
  if (usable !== 0) return { by: "usable", order: usable };
  const metered = Number(a.metered === true) - Number(b.metered === true);
  if (metered !== 0) return { by: "metered", order: metered };
  const bias = kindBias[b.kind] - kindBias[a.kind];
  if (bias !== 0) return { by: "kind", order: bias };
  const metric = metricOf(a) - metricOf(b);
  if (metric !== 0) return { by: "metric", order: metric };
  return { by: "id", order: a.uplinkId < b.uplinkId ? -1 : Number(a.uplinkId > b.uplinkId) };
}

/** No route of the kernel ranks behind every route; RTA_PRIORITY has 32 bits. */
function metricOf(candidate: Candidate): number {
  return candidate.metric ?? 2 ** 32;
}

/** Every candidate that is not chosen is rejected, each with its reason. */
export function decide(candidates: readonly Candidate[], kernel: KernelRoute | null): Decision {
  const ranked = candidates.toSorted(compareCandidates);
  const [best, second] = ranked;
  const isUsable = best !== undefined && best.obstacle === undefined;
  const losers = isUsable ? ranked.slice(1) : ranked;
  const warning =
    kernel?.isDeadEnd === true
      ? `; the kernel goes on sending by ${kernel.name}, which has no carrier, for ignore_routes_with_linkdown is off`
      : "";
  return {
    uplinkId: isUsable ? best.uplinkId : null,
    name: isUsable ? best.name : null,
    reason: `${isUsable ? whyBest(best, second) : whyNone(ranked)}${warning}`,
    rejected: losers.map((loser) => ({
      uplinkId: loser.uplinkId,
      name: loser.name,
      reason: loser.obstacle ?? (best === undefined ? "" : whyBest(best, loser)),
    })),
    kernel,
  };
}

function whyNone(candidates: readonly Candidate[]): string {
  return candidates.length === 0 ? "there is no uplink" : "no uplink can be used";
}

function whyBest(best: Candidate, second: Candidate | undefined): string {
  if (second === undefined) return `${best.name} is the only uplink`;
  const { by } = firstDifference(best, second);
  switch (by) {
    case "usable":
      return `${best.name} is the only uplink with carrier, address and route`;
    case "metered":
      return `${best.name} is not known to be metered, ${second.name} is`;
    case "kind":
      return `${best.name} is ${kindNames[best.kind]} (bias ${kindBias[best.kind]}), ${second.name} is ${kindNames[second.kind]} (bias ${kindBias[second.kind]})`;
    case "metric":
      return `of equal ones the kernel's route by ${best.name} has the lower metric (${metricText(best)}; ${second.name}: ${metricText(second)})`;
    case "id":
      return `${best.name} and ${second.name} are equal in all, and ${best.uplinkId} comes first by name`;
  }
}

function metricText(candidate: Candidate): string {
  return candidate.metric === null ? "no route" : String(candidate.metric);
}
