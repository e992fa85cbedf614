/** By which ways a machine reaches the outside, as a text that is another when they are. Pure. */
import type { NetworkFacts } from "@ropewalk/host/facts";
import { type Family, formatPrefix } from "@ropewalk/kernel/addresses";

type Facts = Pick<NetworkFacts, "addresses" | "routes" | "links">;

/** Its addresses and default routes, but for those of `tunnel`. */
export function egressOf(facts: Facts, tunnel: string): string {
  const own = ifindexOf(facts, tunnel);
  const addresses = [...facts.addresses]
    .filter(({ ifindex, scope }) => ifindex !== own && scope === "global")
    .map(({ ifindex, address, prefixLength }) => `${ifindex} ${address}/${prefixLength}`);
  const routes = ways(facts, tunnel).map(({ table, metric, nextHops, destination }) => {
    const hops = nextHops.map(({ ifindex, gateway }) => `${ifindex} ${gateway ?? ""}`);
    return `${formatPrefix(destination)} ${table} ${metric} ${hops.join(" ")}`;
  });
  return [...addresses.toSorted(), ...routes.toSorted()].join("\n");
}

/** Those of `families` for which there is no default route. */
export function familiesWithoutWay(facts: Facts, tunnel: string, families: readonly Family[]): readonly Family[] {
  const there = new Set(ways(facts, tunnel).map(({ family }) => family));
  return families.filter((family) => !there.has(family));
}

function ways(facts: Facts, tunnel: string): readonly NetworkFacts["routes"][number][] {
  const own = ifindexOf(facts, tunnel);
  return facts.routes.filter(({ nextHops }) =>
    nextHops.some(({ ifindex }) => ifindex !== undefined && ifindex !== own),
  );
}

function ifindexOf({ links }: Facts, name: string): number | undefined {
  return [...links.values()].find((link) => link.name === name)?.ifindex;
}
