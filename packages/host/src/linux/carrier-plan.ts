/**
 * Whose carrier is polled, and how often. All enabled links once a second while there are at most 64 of them; above
 * that only those with a kept route. Links that the caller names, and those whose carrier changed in the last ten
 * seconds, every 50 ms. Loopback has no carrier to lose.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkFacts, NetworkFacts } from "../facts.ts";

export const closeInterval: Millis = millis(50);
export const slowInterval: Millis = seconds(1);
const changedRecently: Millis = seconds(10);
const mostSlow = 64;
const ARPHRD_LOOPBACK = 772;

export interface CarrierPlan {
  readonly close: readonly number[];
  readonly slow: readonly number[];
  /** When the first link stops being one that changed recently; infinite when there is none. */
  readonly validUntil: number;
}

export function planCarrierPolls(facts: NetworkFacts, closely: ReadonlySet<number>, now: Millis): CarrierPlan {
  const links = [...facts.links.values()].filter((link) => link.isEnabled && link.hardwareType !== ARPHRD_LOOPBACK);
  const routed = links.length > mostSlow ? interfacesOfRoutes(facts) : undefined;
  const close: number[] = [];
  const slow: number[] = [];
  let validUntil = Number.POSITIVE_INFINITY;
  for (const link of links) {
    const recentUntil = recentEnd(link, now);
    if (recentUntil !== undefined) validUntil = Math.min(validUntil, recentUntil);
    if (recentUntil !== undefined || closely.has(link.ifindex)) close.push(link.ifindex);
    else if (routed === undefined || routed.has(link.ifindex)) slow.push(link.ifindex);
  }
  return { close, slow, validUntil };
}

function recentEnd(link: LinkFacts, now: Millis): number | undefined {
  if (link.carrierChangedAt === undefined) return undefined;
  const end = link.carrierChangedAt + changedRecently;
  return end > now ? end : undefined;
}

function interfacesOfRoutes(facts: NetworkFacts): ReadonlySet<number | undefined> {
  return new Set(facts.routes.flatMap((route) => route.nextHops.map((hop) => hop.ifindex)));
}
