/**
 * Whether the kernel lets replies in by an uplink that is not its first choice: with strict filtering (RFC 3704 §2.2) it drops
 * them, and a standby that works cannot be told from one that does not.
 */
import type { NetworkFacts } from "@ropewalk/host/facts";
import { type Finding, good, lack, note } from "./finding.ts";

const title = "reverse-path filter";

/** Judges the interfaces that IPv4 default routes leave by; IPv6 has no such filter of the kernel's. No finding without any. */
export function reversePathFindings({ links, routes, reversePathFilters }: NetworkFacts): readonly Finding[] {
  const hops = routes.filter((route) => route.family === "ipv4").flatMap(({ nextHops }) => nextHops);
  const ifindexes = [...new Set(hops.flatMap(({ ifindex }) => ifindex ?? []))];
  if (ifindexes.length === 0) return [];
  const strict = ifindexes.filter((ifindex) => reversePathFilters.get(ifindex) === "strict");
  const names = strict.map((ifindex) => links.get(ifindex)?.name ?? `interface ${ifindex}`).toSorted();
  if (strict.length === 0) return [good("kernel", title, "replies are let in by every uplink")];
  const found = `strict (rp_filter 1) on ${names.join(", ")}`;
  if (ifindexes.length === 1) return [note("kernel", title, found, "matters once there is a second uplink")];
  const cost =
    "replies by an uplink that is not the kernel's first choice are dropped: it cannot be measured and stays unknown";
  // The larger of this and the interface's own value counts, and 2 is loose.
  return [lack("kernel", title, found, cost, "sysctl net.ipv4.conf.all.rp_filter=2")];
}
