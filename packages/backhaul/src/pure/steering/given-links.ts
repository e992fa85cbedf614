/** The links whose addresses are Ropewalk's to get: those that the operator gave it, and no link twice by one MAC address. */
import type { LinkFacts } from "@ropewalk/host/facts";
import type { GivenLink } from "@ropewalk/host/leases";
import { settingsFor, type UplinkEntry } from "../entries.ts";

/** In order of their ifindex. */
export function givenLinks(
  links: ReadonlyMap<number, LinkFacts>,
  entries: readonly UplinkEntry[],
): readonly GivenLink[] {
  if (!entries.some(({ addresses }) => addresses === "dhcp")) return [];
  const given = [...links.values()]
    .filter((link) => settingsFor(entries, link, []).addresses === "dhcp")
    .toSorted((a, b) => a.ifindex - b.ifindex);
  const named = new Set(entries.flatMap(({ selector }) => (selector.kind === "interface" ? [selector.pattern] : [])));
  // A VLAN and a bridge have the MAC address of the link below them, which was there first.
  const isFirst = (link: LinkFacts) => given.find(({ mac }) => mac === link.mac) === link;
  return given
    .filter((link) => named.has(link.name) || isFirst(link))
    .map(({ ifindex, name, isEnabled, hasCarrier, master }) => ({ ifindex, name, isEnabled, hasCarrier, master }));
}
