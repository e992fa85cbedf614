/**
 * What sources may name besides services. A name opens only public addresses, whatever it resolves to; an inner address
 * (loopback, private, metadata …) is open only where a network listed lies wholly within that inner range.
 */
import { type IpAddress, type Prefix, prefixContains } from "@ropewalk/kernel/addresses";
import { addressOf, type Host, type HostPort } from "@ropewalk/kernel/host-port";
import { innerRangeOf } from "./address-ranges.ts";

/** One `[[tunnel.destination.allow_target]]`; with host and networks, both must hold. At least one is there. */
export interface AllowedTarget {
  /** A name, or "*." before one for every name below it; undefined: any. */
  readonly host: string | undefined;
  /** Networks of which an address must be in one; none: any public address. */
  readonly networks: readonly Prefix[];
  readonly ports: readonly PortRange[];
}

/** Both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Those entries that speak of `target` before it is known what it resolves to; without any it is not even looked up. */
export function entriesFor(target: HostPort, list: readonly AllowedTarget[]): readonly AllowedTarget[] {
  const address = addressOf(target.host);
  return list.filter(({ host, networks, ports }) => {
    if (!ports.some(({ first, last }) => target.port >= first && target.port <= last)) return false;
    if (host !== undefined && !isNameWithin(target.host, host)) return false;
    return address === undefined || networks.some((network) => prefixContains(network, address));
  });
}

/** Whether one of `entries`, which `entriesFor` has chosen, lets a connection go to `address`. */
export function isAddressAllowed(address: IpAddress, entries: readonly AllowedTarget[]): boolean {
  const inner = innerRangeOf(address);
  const least = inner?.prefix.length ?? 0;
  return entries.some(({ networks }) =>
    networks.length === 0
      ? inner === undefined
      : networks.some((network) => network.length >= least && prefixContains(network, address)),
  );
}

/** `pattern` is lower-case; a star stands for one label or more, and never for none. */
function isNameWithin(host: Host, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
