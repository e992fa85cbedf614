/** Requests that make, replace and remove our routes and rules. Source: linux/rtnetlink.h, linux/fib_rules.h. */
import { type Family, type IpAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";
import { routingProtocol } from "../allocations.ts";
import type { RoutingChange, WantedRoute, WantedRule } from "../routing.ts";
import { RTM } from "./event.ts";
import { writeU32 } from "./integers.ts";
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest, encodeU32Attribute } from "./request.ts";
import { RTA, RTN, rtmsgLength } from "./route.ts";
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
  const { family, table, destination, metric, way } = route;
  const isRemoval = type === RTM.DELROUTE;
  const scope = way.gateway === undefined && family === "ipv4" ? RT_SCOPE.LINK : RT_SCOPE.UNIVERSE;
  const header = new Uint8Array(rtmsgLength);
  header.set([AF[family], destination.length, 0, 0, RT_TABLE_UNSPEC, routingProtocol]);
  header.set([isRemoval ? RT_SCOPE.NOWHERE : scope, RTN.unicast], 6);
  if (way.isOnLink && !isRemoval) writeU32(header, 8, RTNH_F_ONLINK);
  const attributes = [
    ...(destination.length === 0 ? [] : [addressAttribute(RTA.DST, destination.address)]),
    encodeU32Attribute(RTA.TABLE, table),
    encodeU32Attribute(RTA.PRIORITY, metric),
    encodeU32Attribute(RTA.OIF, way.ifindex),
    ...(way.gateway === undefined ? [] : [addressAttribute(RTA.GATEWAY, way.gateway)]),
    ...(way.preferredSource === undefined ? [] : [addressAttribute(RTA.PREFSRC, way.preferredSource)]),
  ];
  return encodeRequest(type, NLM_F.ACK | flags, sequence, header, attributes);
}

/** struct fib_rule_hdr: u8 family, dst_len, src_len, tos, table, two reserved, action; u32 flags. */
function encodeRule(type: number, flags: number, sequence: number, rule: WantedRule): Uint8Array {
  const { family, priority, table, source, mark, suppressPrefixLength } = rule;
  const header = new Uint8Array(ruleHeaderLength);
  header.set([AF[family], 0, source?.length ?? 0, 0, RT_TABLE_UNSPEC, 0, 0, FR_ACT_TO_TBL]);
  const attributes = [
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
