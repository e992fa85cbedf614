/**
 * Requests to read, as a kernel with NETLINK_GET_STRICT_CHK wants them: a header of the right type, all zero, and no
 * attribute that it would ignore. Family zero asks for all families at once.
 */
import { RTM } from "./event.ts";
import { writeU32 } from "./integers.ts";
import { headerLength, NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest, encodeU32Attribute } from "./request.ts";
import { RTA } from "./route.ts";

export type DumpSubject =
  | "links"
  | "link-counters"
  | "link-settings"
  | "addresses"
  | "routes"
  | "rules"
  | "neighbours"
  | "next-hops";

/** Request type and length of the type's own header: ifinfomsg, if_stats_msg, netconfmsg, ifaddrmsg, rtmsg, fib_rule_hdr, ndmsg, nhmsg. */
const subjects: Readonly<Record<DumpSubject, readonly [type: number, length: number]>> = {
  links: [RTM.GETLINK, 16],
  "link-counters": [RTM.GETSTATS, 12],
  "link-settings": [RTM.GETNETCONF, 4],
  addresses: [RTM.GETADDR, 8],
  routes: [RTM.GETROUTE, 12],
  rules: [RTM.GETRULE, 12],
  neighbours: [RTM.GETNEIGH, 12],
  "next-hops": [RTM.GETNEXTHOP, 8],
};
/** Where if_stats_msg says which statistics are wanted: those of struct rtnl_link_stats64. Source: linux/if_link.h. */
const statsFilterOffset = 8;
const IFLA_STATS_FILTER_LINK_64 = 1;
const AF_INET6 = 10;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
/** Statistics are most of a link's message, and reading them can make a driver ask its hardware. */
const RTEXT_FILTER_SKIP_STATS = 1 << 3;

/** Asks for every object; the answer ends with NLMSG_DONE. */
export function encodeDumpRequest(subject: DumpSubject, sequence: number): Uint8Array {
  const [type, ownHeaderLength] = subjects[subject];
  const attributes = subject === "links" ? [encodeU32Attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)] : [];
  const request = encodeRequest(type, NLM_F.DUMP, sequence, new Uint8Array(ownHeaderLength), attributes);
  if (subject === "link-counters") writeU32(request, headerLength + statsFilterOffset, IFLA_STATS_FILTER_LINK_64);
  return request;
}

/** Asks for one link; the answer ends with NLMSG_ERROR, zero when there was one. */
export function encodeLinkRequest(name: string, sequence: number): Uint8Array {
  const attribute = encodeAttribute(IFLA_IFNAME, new TextEncoder().encode(`${name}\0`));
  return encodeRequest(RTM.GETLINK, NLM_F.ACK, sequence, new Uint8Array(subjects.links[1]), [attribute]);
}

/** Asks for the IPv6 routes of one link, of all tables. Kernels before 4.20 give those of all links. */
export function encodeLinkRoutesRequest(ifindex: number, sequence: number): Uint8Array {
  const ownHeader = new Uint8Array(subjects.routes[1]);
  ownHeader[0] = AF_INET6;
  return encodeRequest(RTM.GETROUTE, NLM_F.DUMP, sequence, ownHeader, [encodeU32Attribute(RTA.OIF, ifindex)]);
}
