/** Address families in netlink messages, and the prefixes that go with them. Source: linux/socket.h. */
import { type Family, ipAddressFromBytes, type Prefix } from "@ropewalk/kernel/addresses";

/** Undefined for the families that Ropewalk does not watch (bridge, MPLS, multicast routing…). */
export function familyOfNumber(family: number | undefined): Family | undefined {
  if (family === 2) return "ipv4";
  return family === 10 ? "ipv6" : undefined;
}

export function isOfFamily(octets: Uint8Array, family: Family): boolean {
  return octets.length === (family === "ipv4" ? 4 : 16);
}

/** The prefix whose address is `octets`, or all zero when absent; undefined when either does not suit the family. */
export function prefixOf(family: Family, octets: Uint8Array | undefined, length: number): Prefix | undefined {
  const width = family === "ipv4" ? 4 : 16;
  const address = ipAddressFromBytes(octets ?? new Uint8Array(width));
  if (address === undefined || (octets !== undefined && octets.length !== width) || length > width * 8)
    return undefined;
  return { address, length };
}
