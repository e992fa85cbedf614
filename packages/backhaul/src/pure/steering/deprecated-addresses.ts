/**
 * Which IPv6 addresses new flows must not begin with: those of an uplink whose IPv6 way is dead, while another carries IPv6. Who
 * finds no better one may still use them (RFC 4862 §5.5.4), and what has begun with them goes on.
 */
import type { OwnAddress } from "@ropewalk/host/address-lifetimes";
import type { AddressFacts } from "@ropewalk/host/facts";
import { type IpAddress, isLinkLocal, isLoopback } from "@ropewalk/kernel/addresses";
import type { Decision, DecisionScope } from "../../status.ts";
import { standingOf } from "../candidate.ts";
import { candidateOf, type SlottedUplink } from "../connectivity.ts";
import { isUniqueLocal } from "../paths.ts";
import { livingWay } from "./stranded.ts";

/** `addresses` are all of this host. Temporary ones are not among what is given: they go with the one that they were made from. */
export function deprecatedAddresses(
  uplinks: readonly SlottedUplink[],
  decisions: Readonly<Record<DecisionScope, Decision>>,
  addresses: readonly AddressFacts[],
): readonly OwnAddress[] {
  const living = uplinks.filter((uplink) => livingWay(uplink, "ipv6") !== undefined);
  if (!living.some(({ status }) => status.id === decisions.ipv6.uplinkId)) return [];
  return uplinks.flatMap((uplink) => {
    const others = living.filter((other) => other !== uplink);
    const isTaken = (own: IpAddress) =>
      others.some(({ status }) => status.ipv6.addresses.some(({ address }) => address === own));
    return unwantedOf(uplink, addresses)
      .filter(({ address }) => !isTaken(address))
      .map(({ ifindex, address }) => ({ ifindex, address }));
  });
}

/** An address that is deprecated already stays so until its way is known to live: what cannot be told now does not end it. */
function unwantedOf(uplink: SlottedUplink, addresses: readonly AddressFacts[]): readonly AddressFacts[] {
  const { status } = uplink;
  const { source, wayOut, reason } = status.ipv6;
  const own = sourcesOf(addresses.filter(({ ifindex }) => ifindex === status.ifindex));
  const faded = own.filter(({ isDeprecated }) => isDeprecated);
  switch (standingOf(candidateOf(status, "ipv6"))) {
    case "up":
    case "degraded":
    case "limping":
      return [];
    case "unproven":
      return reason.code === "starting" ? faded : [];
    case "portal":
    case "dead":
      return own;
    case "unusable":
      // Without a route it may never have been a way to the internet.
      return source !== null && wayOut !== null ? own : faded;
  }
}

/** What a flow to the internet could begin with. Unique local addresses only where there are no others, and so a router translates. */
function sourcesOf(addresses: readonly AddressFacts[]): readonly AddressFacts[] {
  const all = addresses.filter(
    ({ family, scope, address, isSecondary, isTentative }) =>
      family === "ipv6" &&
      scope === "global" &&
      !isSecondary &&
      !isTentative &&
      !isLinkLocal(address) &&
      !isLoopback(address),
  );
  const global = all.filter(({ address }) => !isUniqueLocal(address));
  return global.length > 0 ? global : all;
}
