/**
 * Addresses that are not the public internet's: this machine, its neighbours, a cloud's metadata, groups, and what is
 * reserved. An IPv4 address within an IPv6 one that is translated back to it is judged as itself.
 * Sources: the special-purpose registries of IANA (RFC 6890 and its followers), and what the clouds document.
 */
import {
  familyOf,
  type IpAddress,
  ipAddress,
  ipAddressBytes,
  ipAddressFromBytes,
  type Prefix,
  prefixContains,
} from "@ropewalk/kernel/addresses";
import { unmapped } from "@ropewalk/kernel/mapped-addresses";

export type RangeKind =
  | "unspecified"
  | "loopback"
  | "private"
  | "shared"
  | "link-local"
  | "metadata"
  | "multicast"
  | "documentation"
  | "reserved";

export interface InnerRange {
  readonly kind: RangeKind;
  readonly prefix: Prefix;
}

const ipv4: readonly (readonly [kind: RangeKind, ...prefixes: readonly string[]])[] = [
  // Linux connects 0.0.0.0 to itself.
  ["unspecified", "0.0.0.0/8"],
  ["loopback", "127.0.0.0/8"],
  ["private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
  ["shared", "100.64.0.0/10"],
  ["link-local", "169.254.0.0/16"],
  // AWS, GCP, Azure, DigitalOcean; AWS: tasks, pods; Alibaba; Azure's host; Oracle's older one.
  ["metadata", "169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32"],
  ["metadata", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"],
  ["multicast", "224.0.0.0/4"],
  ["documentation", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"],
  ["reserved", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"],
];

const ipv6: readonly (readonly [kind: RangeKind, ...prefixes: readonly string[]])[] = [
  ["unspecified", "::/128"],
  ["loopback", "::1/128"],
  ["private", "fc00::/7"],
  // Site-local (RFC 3879), which some kernels still route; NAT64 of a site's own (RFC 8215).
  ["private", "fec0::/10", "64:ff9b:1::/48"],
  ["link-local", "fe80::/10"],
  // AWS, its pods; GCP; OpenStack.
  ["metadata", "fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128", "fe80::a9fe:a9fe/128"],
  ["multicast", "ff00::/8"],
  ["documentation", "2001:db8::/32", "3fff::/20"],
  // IPv4 addresses in two forms that nobody translates any more (RFC 4291 §2.5.5.1, RFC 7915).
  ["reserved", "::/96", "::ffff:0:0:0/96"],
  // Teredo and the rest of the protocol assignments, then all that is not global unicast (2000::/3).
  ["reserved", "2001::/23", "::/3", "4000::/3", "6000::/3", "8000::/3", "a000::/3", "c000::/3", "e000::/3"],
];

/** IPv6 networks whose addresses hold an IPv4 one that is where the packets go: NAT64 (RFC 6052) and 6to4 (RFC 3056). */
const translated: readonly { readonly prefix: Prefix; readonly octet: number }[] = [
  { prefix: prefixOf("64:ff9b::/96"), octet: 12 },
  { prefix: prefixOf("2002::/16"), octet: 2 },
];

/** The longest prefix first, so that the first that holds an address says most of it. */
const ranges = { ipv4: sorted(ipv4), ipv6: sorted(ipv6) };

/** The narrowest range that holds `address`; undefined for an address of the public internet. */
export function innerRangeOf(address: IpAddress): InnerRange | undefined {
  const itself = unmapped(address);
  const translation = translated.find(({ prefix }) => prefixContains(prefix, itself));
  if (translation === undefined) return ranges[familyOf(itself)].find(({ prefix }) => prefixContains(prefix, itself));
  const { octet } = translation;
  const within = ipAddressFromBytes(ipAddressBytes(itself).subarray(octet, octet + 4));
  const range = within === undefined ? undefined : innerRangeOf(within);
  if (range === undefined) return undefined;
  // The same range, in the form in which a network of the operator's can lie within it.
  return { kind: range.kind, prefix: { address: itself, length: octet * 8 + range.prefix.length } };
}

function sorted(table: typeof ipv4): readonly InnerRange[] {
  const all = table.flatMap(([kind, ...prefixes]) => prefixes.map((text) => ({ kind, prefix: prefixOf(text) })));
  return all.toSorted((one, other) => other.prefix.length - one.prefix.length);
}

function prefixOf(text: string): Prefix {
  const [address = "", length] = text.split("/");
  return { address: ipAddress(address), length: Number(length) };
}
