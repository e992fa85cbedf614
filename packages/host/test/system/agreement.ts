/** Compares the watch's facts with what iproute2 says of the same namespace. */
import assert from "node:assert/strict";
import type { NetworkFacts } from "@ropewalk/host/facts";
import { ipAddresses, ipLinks, ipRoutes, writtenReversePathFilters } from "./ip-facts.ts";

/** Every line of disagreement, as a list that is empty when all is well: lines only ours begin with "+". */
export function disagreements(facts: NetworkFacts): readonly string[] {
  const links = ipLinks();
  const indexOf = new Map(links.map((link) => [link.name, link.ifindex]));
  const ourLinks = [...facts.links.values()].map((link) => ({
    ifindex: link.ifindex,
    name: link.name,
    mac: link.mac,
    mtu: link.mtu,
    isEnabled: link.isEnabled,
    hasCarrier: link.hasCarrier,
    virtualKind: link.virtualKind,
    master: link.master,
  }));
  return [
    ...differences(ourLinks, links),
    ...differences(facts.addresses, ipAddresses()),
    ...differences(facts.routes, ipRoutes(indexOf)),
    ...differences(
      Array.from(facts.reversePathFilters, ([ifindex, filter]) => ({ ifindex, filter })),
      writtenReversePathFilters(indexOf),
    ),
  ];
}

/** As multisets, in any order. */
export function differences(ours: readonly object[], theirs: readonly object[]): readonly string[] {
  const left = ours.map(canonical);
  const extra: string[] = [];
  for (const line of theirs.map(canonical)) {
    const at = left.indexOf(line);
    if (at < 0) extra.push(`- ${line}`);
    else left.splice(at, 1);
  }
  return [...left.map((line) => `+ ${line}`), ...extra];
}

/** JSON with sorted keys, so that the order of fields does not matter; next hops of a route have no order either. */
function canonical(value: object): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (key === "nextHops" && Array.isArray(inner)) return inner.map((hop) => canonical(hop as object)).toSorted();
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Waits until facts and iproute2 agree: carriers and IPv6 addresses settle in their own time. */
export async function assertAgreement(facts: () => NetworkFacts, context: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const found = disagreements(facts());
    if (found.length === 0) return;
    if (performance.now() > deadline)
      assert.fail(`${context}\nour facts (+) and iproute2 (-) differ:\n${found.join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
