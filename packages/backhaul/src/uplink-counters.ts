/** What the status says of an interface's counters. */
import type { LinkCounters } from "@ropewalk/host/facts";
import type { UplinkCounters } from "./status.ts";

/** Null when nobody counts for it. */
export function countersOf(counters: ReadonlyMap<number, LinkCounters>, ifindex: number): UplinkCounters | null {
  const own = counters.get(ifindex);
  if (own === undefined) return null;
  const { receivedBytes, sentBytes, receivedPackets, sentPackets } = own;
  return { receivedBytes, sentBytes, receivedPackets, sentPackets };
}
