/** The pools of an exit: the networks of its own addresses in the tunnel, and how many peers they have room for. */
import {
  type Family,
  families,
  familyOf,
  formatPrefix,
  ipAddressBytes,
  networkOf,
  type Prefix,
} from "@ropewalk/kernel/addresses";

/** RFC 791 §3.2; RFC 8200 §5. */
export const leastMtu: Readonly<Record<Family, number>> = { ipv4: 576, ipv6: 1280 };

export interface PoolFault {
  readonly path: "addresses" | "capacity" | "mtu";
  readonly reason: string;
}

interface Pooled {
  readonly addresses: readonly Prefix[];
  readonly capacity: number | undefined;
  readonly mtu: number;
}

/** What is wrong with these together. */
export function poolFaults({ addresses, capacity, mtu }: Pooled): readonly PoolFault[] {
  const twice = families.find((family) => addresses.filter(isOf(family)).length > 1);
  if (twice !== undefined) return [{ path: "addresses", reason: `one of each family: ${named[twice]} is there twice` }];
  const outside = addresses.find((prefix) => !isPeerAddress(prefix));
  if (outside !== undefined)
    return [{ path: "addresses", reason: `${formatPrefix(outside)} is the network's, and no node's own` }];
  const small = addresses.find((prefix) => roomIn(prefix) < 1);
  if (small !== undefined) {
    const least = familyOf(small.address) === "ipv4" ? "/30" : "/126";
    return [
      {
        path: "addresses",
        reason: `${formatPrefix(small)} has no room for a peer beside the node: ${least} has, for one`,
      },
    ];
  }
  const room = poolCapacity(addresses);
  const tooMany = capacity !== undefined && capacity > room;
  return [
    ...(tooMany
      ? [{ path: "capacity", reason: `${capacity} peers, and the pools have addresses for ${room}` } as const]
      : []),
    ...(addresses.some(isOf("ipv6")) && mtu < leastMtu.ipv6
      ? [
          {
            path: "mtu",
            reason: `IPv6 needs ${leastMtu.ipv6} (RFC 8200 §5), and addresses has a network of it`,
          } as const,
        ]
      : []),
  ];
}

/** Of the pool that has room for the fewest: a peer has an address of each. */
export function poolCapacity(addresses: readonly Prefix[]): number {
  return Math.min(...addresses.map(roomIn));
}

const named: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

function isOf(family: Family): (prefix: Prefix) => boolean {
  return ({ address }) => familyOf(address) === family;
}

/** Without the node's own, the network's and, of IPv4, the broadcast address; of two alone (RFC 3021, RFC 6164) both are peers' or the node's. */
function roomIn({ address, length }: Prefix): number {
  const isIpv4 = familyOf(address) === "ipv4";
  const bits = (isIpv4 ? 32 : 128) - length;
  // Entry counts no further either.
  if (bits > 32) return 2 ** 32;
  if (bits <= 1) return 2 ** bits - 1;
  return 2 ** bits - (isIpv4 ? 3 : 2);
}

/** Neither the first nor, of IPv4, the last of its network, where there are more than two. */
function isPeerAddress(prefix: Prefix): boolean {
  const { address, length } = prefix;
  const isIpv4 = familyOf(address) === "ipv4";
  const octets = ipAddressBytes(address);
  const bits = octets.length * 8 - length;
  if (bits <= 1) return true;
  if (networkOf(prefix).address === address) return false;
  return !isIpv4 || !isAllOnes(octets, length);
}

function isAllOnes(octets: Uint8Array, from: number): boolean {
  return octets.every((octet, index) => {
    const kept = Math.max(0, Math.min(8, from - index * 8));
    const mask = 0xff >> kept;
    return (octet & mask) === mask;
  });
}
