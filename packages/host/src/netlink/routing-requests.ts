/** Requests that make, replace and remove our routes and rules. Source: linux/rtnetlink.h, linux/fib_rules.h. */
import { type Family, type IpAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";
import { joined } from "@ropewalk/kernel/bytes";
import { routingProtocol } from "../allocations.ts";
import type { RouteWay, RoutingChange, WantedRoute, WantedRule } from "../routing.ts";
import { RTM } from "./event.ts";
import { writeU16, writeU32 } from "./integers.ts";
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest, encodeU32Attribute } from "./request.ts";
import { nextHopLength, RTA, RTN, rtmsgLength } from "./route.ts";
import { FRA, ruleHeaderLength } from "./rule.ts";

const AF: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };
/** The table's number does not fit its octet: the attribute says it. */
const RT_TABLE_UNSPEC = 0;
const RT_SCOPE = { UNIVERSE: 0, LINK: 253, NOWHERE: 255 } as const;
const RTNH_F_ONLINK = 4;
const FR_ACT_TO_TBL = 1;

/** The kernel answers each with one verdict. */
export function encodeRoutingChange(change: RoutingChange, sequence: number): Uint8Array {
  switch (change.kind) {
    case "add-route":
      return encodeRoute(RTM.NEWROUTE, NLM_F.CREATE | NLM_F.EXCL, sequence, change.route);
    case "replace-route":
      return encodeRoute(RTM.NEWROUTE, NLM_F.CREATE | NLM_F.REPLACE, sequence, change.route);
    case "remove-route":
      return encodeRoute(RTM.DELROUTE, 0, sequence, change.route);
    case "add-rule":
      return encodeRule(RTM.NEWRULE, NLM_F.CREATE | NLM_F.EXCL, sequence, change.rule);
    case "remove-rule":
      return encodeRule(RTM.DELRULE, 0, sequence, change.rule);
  }
}

/** struct rtmsg: u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags. */
function encodeRoute(type: number, flags: number, sequence: number, route: WantedRoute): Uint8Array {
  const { family, table, destination, metric, preferredSource, ways } = route;
  const isRemoval = type === RTM.DELROUTE;
  const [way, ...more] = ways;
  const isLocal = way !== undefined && ways.every(({ gateway }) => gateway === undefined) && family === "ipv4";
  const scope = isLocal ? RT_SCOPE.LINK : RT_SCOPE.UNIVERSE;
  const header = new Uint8Array(rtmsgLength);
  header.set([AF[family], destination.length, 0, 0, RT_TABLE_UNSPEC, routingProtocol]);
  header.set([isRemoval ? RT_SCOPE.NOWHERE : scope, way === undefined ? RTN.unreachable : RTN.unicast], 6);
  const isSingle = way !== undefined && more.length === 0;
  if (isSingle && way.isOnLink && !isRemoval) writeU32(header, 8, RTNH_F_ONLINK);
  const attributes = [
    ...(destination.length === 0 ? [] : [addressAttribute(RTA.DST, destination.address)]),
    encodeU32Attribute(RTA.TABLE, table),
    encodeU32Attribute(RTA.PRIORITY, metric),
    ...(isSingle ? [encodeU32Attribute(RTA.OIF, way.ifindex), ...gatewayAttributes(way)] : []),
    ...(more.length > 0 ? [encodeAttribute(RTA.MULTIPATH, encodeWays(ways))] : []),
    ...(preferredSource === undefined ? [] : [addressAttribute(RTA.PREFSRC, preferredSource)]),
  ];
  return encodeRequest(type, NLM_F.ACK | flags, sequence, header, attributes);
}

function gatewayAttributes({ gateway }: RouteWay): readonly Uint8Array[] {
  return gateway === undefined ? [] : [addressAttribute(RTA.GATEWAY, gateway)];
}

/** struct rtnexthop, one behind the other: u16 length of all, u8 flags, u8 weight less one, i32 interface; attributes follow. */
function encodeWays(ways: readonly RouteWay[]): Uint8Array {
  return joined(
    ...ways.map((way) => {
      const attributes = joined(...gatewayAttributes(way));
      const header = new Uint8Array(nextHopLength);
      writeU16(header, 0, nextHopLength + attributes.length);
      header.set([way.isOnLink ? RTNH_F_ONLINK : 0, way.weight - 1], 2);
      writeU32(header, 4, way.ifindex);
      return joined(header, attributes);
    }),
  );
}

/** struct fib_rule_hdr: u8 family, dst_len, src_len, tos, table, two reserved, action; u32 flags. */
function encodeRule(type: number, flags: number, sequence: number, rule: WantedRule): Uint8Array {
  const { family, priority, table, source, destination, mark, suppressPrefixLength } = rule;
  const header = new Uint8Array(ruleHeaderLength);
  header.set([AF[family], destination?.length ?? 0, source?.length ?? 0, 0, RT_TABLE_UNSPEC, 0, 0, FR_ACT_TO_TBL]);
  const attributes = [
    ...(destination === undefined ? [] : [addressAttribute(FRA.DST, destination.address)]),
    ...(source === undefined ? [] : [addressAttribute(FRA.SRC, source.address)]),
    encodeU32Attribute(FRA.PRIORITY, priority),
    encodeU32Attribute(FRA.TABLE, table),
    encodeAttribute(FRA.PROTOCOL, Uint8Array.of(routingProtocol)),
    ...(mark === undefined
      ? []
      : [encodeU32Attribute(FRA.FWMARK, mark.value), encodeU32Attribute(FRA.FWMASK, mark.mask)]),
    ...(suppressPrefixLength === undefined ? [] : [encodeU32Attribute(FRA.SUPPRESS_PREFIXLEN, suppressPrefixLength)]),
  ];
  return encodeRequest(type, NLM_F.ACK | flags, sequence, header, attributes);
}

function addressAttribute(type: number, address: IpAddress): Uint8Array {
  return encodeAttribute(type, ipAddressBytes(address));
}
