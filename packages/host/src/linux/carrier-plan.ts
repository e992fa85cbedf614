/**
 * Whose carrier is polled, and how often. Every 50 ms: the links that the caller names, and the 64 whose carrier changed
 * last, for ten seconds after. Every second: all other enabled links while there are at most 64 links in all, and above
 * that only those with a kept route. Loopback has no carrier to lose.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkFacts, NetworkFacts } from "../facts.ts";

export const closeInterval: Millis = millis(50);
export const slowInterval: Millis = seconds(1);
const changedRecently: Millis = seconds(10);
/** Reading one carrier costs some 10 µs: 64 of them every 50 ms are about one per cent of a core. */
const mostPolled = 64;
const ARPHRD_LOOPBACK = 772;

export interface CarrierPlan {
  readonly close: readonly number[];
  readonly slow: readonly number[];
  /** When the first link stops being one that changed recently; infinite when there is none. */
  readonly validUntil: number;
}

export function planCarrierPolls(facts: NetworkFacts, closely: ReadonlySet<number>, now: Millis): CarrierPlan {
  const links = [...facts.links.values()].filter((link) => link.isEnabled && link.hardwareType !== ARPHRD_LOOPBACK);
  const recent = links
    .filter((link) => recentEnd(link) > now)
    .toSorted((a, b) => recentEnd(b) - recentEnd(a))
    .slice(0, mostPolled);
  const close = new Set(
    [...recent, ...links.filter((link) => closely.has(link.ifindex))].map(({ ifindex }) => ifindex),
  );
  const routed = links.length > mostPolled ? interfacesOfRoutes(facts) : undefined;
  const slow = links.filter(({ ifindex }) => !close.has(ifindex) && (routed === undefined || routed.has(ifindex)));
  return {
    close: [...close],
    slow: slow.map(({ ifindex }) => ifindex),
    validUntil: recent.reduce((earliest, link) => Math.min(earliest, recentEnd(link)), Number.POSITIVE_INFINITY),
  };
}

function recentEnd(link: LinkFacts): number {
  return (link.carrierChangedAt ?? Number.NEGATIVE_INFINITY) + changedRecently;
}

function interfacesOfRoutes(facts: NetworkFacts): ReadonlySet<number | undefined> {
  return new Set(facts.routes.flatMap((route) => route.nextHops.map((hop) => hop.ifindex)));
}
