/** Which event a message of the rtnetlink multicast groups, or of a dump, stands for. */
import type { NetworkEvent } from "../tables/network-event.ts";
import { decodeAddress } from "./address.ts";
import { decodeLink, decodeRemovedLink } from "./link.ts";
import { decodeLinkSettings } from "./link-settings.ts";
import { isMalformed, type Malformed } from "./malformed.ts";
import { type NetlinkMessage, NLM_F } from "./message.ts";
import { decodeNextHop } from "./next-hop.ts";
import { decodeRoute } from "./route.ts";
import { decodeRouterDns } from "./router-dns.ts";

/** Source: linux/rtnetlink.h. */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  GETNEIGH: 30,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
  NEWNDUSEROPT: 68,
  NEWNETCONF: 80,
  GETNETCONF: 82,
  NEWSTATS: 92,
  GETSTATS: 94,
  NEWNEXTHOP: 104,
  DELNEXTHOP: 105,
  GETNEXTHOP: 106,
} as const;

/** Undefined for what the watch has no use for. */
export function decodeEvent(message: NetlinkMessage): NetworkEvent | Malformed | undefined {
  const { payload } = message;
  switch (message.type) {
    case RTM.NEWLINK:
      return wrap(decodeLink(payload), (link) => ({ kind: "link", link }));
    case RTM.DELLINK:
      return wrap(decodeRemovedLink(payload), ({ ifindex }) => ({ kind: "link-removed", ifindex }));
    case RTM.NEWADDR:
      return wrap(decodeAddress(payload), (address) => ({ kind: "address", address }));
    case RTM.DELADDR:
      return wrap(decodeAddress(payload), (address) => ({ kind: "address-removed", address }));
    case RTM.NEWROUTE: {
      const isReplacement = (message.flags & NLM_F.REPLACE) !== 0;
      return wrap(decodeRoute(payload), (route) => ({ kind: "route", route, isReplacement }));
    }
    case RTM.DELROUTE:
      return wrap(decodeRoute(payload), (route) => ({ kind: "route-removed", route }));
    case RTM.NEWNEXTHOP:
      return wrap(decodeNextHop(payload), (nextHop) => ({ kind: "next-hop", nextHop }));
    case RTM.DELNEXTHOP:
      return wrap(decodeNextHop(payload), ({ id }) => ({ kind: "next-hop-removed", id }));
    case RTM.NEWNDUSEROPT:
      return wrap(decodeRouterDns(payload), (announcement) => ({ kind: "router-dns", ...announcement }));
    case RTM.NEWNETCONF:
      return wrap(decodeLinkSettings(payload), (settings) => ({ kind: "link-settings", ...settings }));
    default:
      return undefined;
  }
}

function wrap<T extends object>(
  decoded: T | Malformed | undefined,
  toEvent: (value: Exclude<T, Malformed>) => NetworkEvent,
): NetworkEvent | Malformed | undefined {
  if (decoded === undefined || isMalformed(decoded)) return decoded;
  return toEvent(decoded as Exclude<T, Malformed>);
}
