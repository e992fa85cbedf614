/** RTM_NEWROUTE and RTM_DELROUTE. Source: linux/rtnetlink.h. */
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import type { NextHopFacts, RouteFacts } from "../facts.ts";
import type { ObservedRoute } from "../tables/network-event.ts";
import { type Attributes, attributeAddress, attributeU32, readAttributes } from "./attributes.ts";
import { familyOfNumber, prefixOf } from "./families.ts";
import { readI32, readU16, readU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { align4 } from "./message.ts";

export const RTA = {
  DST: 1,
  SRC: 2,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  MULTIPATH: 9,
  TABLE: 15,
  VIA: 18,
  NH_ID: 30,
} as const;
const RTNH_F_DEAD_OR_LINKDOWN = 0x01 | 0x10;
/** A cached copy of a route (redirect, path MTU), not a route. */
const RTM_F_CLONED = 0x200;
export const RTN = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const;
const routeTypes: ReadonlyMap<number, RouteFacts["type"]> = new Map(
  Object.entries(RTN).map(([name, number]) => [number, name as keyof typeof RTN]),
);
export const rtmsgLength = 12;
/** struct rtnexthop. */
export const nextHopLength = 8;
const mostNextHops = 1024;

/** Undefined for families other than IPv4 and IPv6 and for cached routes. */
export function decodeRoute(payload: Uint8Array): ObservedRoute | Malformed | undefined {
  const [number, destinationLength, sourceLength, tos, table, protocol, , type] = payload;
  const flags = readU32(payload, 8);
  const attributes = readAttributes(payload.subarray(rtmsgLength));
  if (flags === undefined || attributes === undefined) return malformed("a route message cut short");
  const family = familyOfNumber(number);
  if (family === undefined || (flags & RTM_F_CLONED) !== 0) return undefined;
  const destination = prefixOf(family, attributes.get(RTA.DST), destinationLength ?? 0);
  const source = sourceLength ? prefixOf(family, attributes.get(RTA.SRC), sourceLength) : undefined;
  if (destination === undefined || (sourceLength && source === undefined)) {
    return malformed("a route message whose prefix does not suit its family");
  }
  const nextHops = decodeNextHops(attributes, flags);
  if ("kind" in nextHops) return nextHops;
  return {
    facts: {
      family,
      table: attributeU32(attributes, RTA.TABLE) ?? table ?? 0,
      destination,
      type: routeTypes.get(type ?? 0) ?? "other",
      protocol: protocol ?? 0,
      metric: attributeU32(attributes, RTA.PRIORITY) ?? 0,
      preferredSource: attributeAddress(attributes, RTA.PREFSRC),
      nextHops: nextHops.hops,
      nextHopId: attributeU32(attributes, RTA.NH_ID),
    },
    tos: tos ?? 0,
    source,
  };
}

function decodeNextHops(attributes: Attributes, flags: number): { readonly hops: readonly NextHopFacts[] } | Malformed {
  const multipath = attributes.get(RTA.MULTIPATH);
  if (multipath !== undefined) return decodeMultipath(multipath);
  if (attributes.has(RTA.NH_ID) && !attributes.has(RTA.OIF)) return { hops: [] };
  return {
    hops: [
      {
        ifindex: attributeU32(attributes, RTA.OIF) || undefined,
        gateway: gatewayOf(attributes),
        weight: 1,
        isDead: (flags & RTNH_F_DEAD_OR_LINKDOWN) !== 0,
      },
    ],
  };
}

/** struct rtnexthop: u16 length of all, u8 flags, u8 weight less one, i32 interface; attributes follow. */
function decodeMultipath(bytes: Uint8Array): { readonly hops: readonly NextHopFacts[] } | Malformed {
  const hops: NextHopFacts[] = [];
  let offset = 0;
  while (bytes.length - offset >= nextHopLength) {
    const length = readU16(bytes, offset) ?? 0;
    if (length < nextHopLength || length > bytes.length - offset)
      return malformed("a next hop whose length does not fit");
    if (hops.length === mostNextHops) return malformed(`a route with more than ${mostNextHops} next hops`);
    const attributes = readAttributes(bytes.subarray(offset + nextHopLength, offset + length));
    if (attributes === undefined) return malformed("a next hop with a broken attribute");
    const ifindex = readI32(bytes, offset + 4) ?? 0;
    hops.push({
      ifindex: ifindex > 0 ? ifindex : undefined,
      gateway: gatewayOf(attributes),
      weight: (bytes[offset + 3] ?? 0) + 1,
      isDead: ((bytes[offset + 2] ?? 0) & RTNH_F_DEAD_OR_LINKDOWN) !== 0,
    });
    offset += align4(length);
  }
  return hops.length === 0 ? malformed("a multipath route without next hops") : { hops };
}

/** RTA_VIA holds a gateway of another family than the route (IPv4 by an IPv6 neighbour): u16 family, then the address. */
function gatewayOf(attributes: Attributes): IpAddress | undefined {
  const via = attributes.get(RTA.VIA);
  const own = attributeAddress(attributes, RTA.GATEWAY);
  if (own !== undefined || via === undefined) return own;
  const family: Family | undefined = familyOfNumber(readU16(via, 0));
  return family === undefined ? undefined : prefixOf(family, via.subarray(2), 0)?.address;
}
