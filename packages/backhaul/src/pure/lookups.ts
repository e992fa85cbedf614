/**
 * Of which interfaces leases, managers and resolvers are looked up: of every uplink, and of those that a lease could make
 * one. Bounded, because a machine may have hundreds of interfaces with addresses and each look-up reads files.
 */
import type { AddressFacts, LinkFacts } from "@ropewalk/host/facts";
import { roleOf } from "./role.ts";
import type { Uplink } from "./uplink.ts";

/** Interfaces that are looked up without being uplinks, at most. */
const mostOthers = 16;

/** By ifindex, a text that changes when the look-up must be repeated: the name, and the addresses that a lease gives. */
export function lookupsFor(
  links: ReadonlyMap<number, LinkFacts>,
  addresses: ReadonlyMap<number, readonly AddressFacts[]>,
  uplinks: ReadonlyMap<number, Uplink>,
): ReadonlyMap<number, string> {
  const lookups = new Map<number, string>();
  let others = 0;
  for (const link of links.values()) {
    const own = addresses.get(link.ifindex) ?? [];
    const isUplink = uplinks.has(link.ifindex);
    if (!isUplink && (others >= mostOthers || !couldHoldLease(link, own))) continue;
    if (!isUplink) others += 1;
    lookups.set(link.ifindex, `${link.name} ${own.map((address) => address.address).join(" ")}`);
  }
  return lookups;
}

function couldHoldLease(link: LinkFacts, own: readonly AddressFacts[]): boolean {
  if (!link.hasCarrier || !own.some((address) => address.scope === "global")) return false;
  const evidence = { configured: "auto", hasDefaultRoute: false, hasLeaseGateway: true, wasUplink: false } as const;
  return roleOf(link, evidence).kind === "uplink";
}
