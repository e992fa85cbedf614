/**
 * Whether the kernel has the route of an IPv6 address's prefix. It makes that route anew whenever the address is changed, also
 * where it was taken away on purpose or never was, as by a router that says that the prefix is not on its link (RFC 4861 §4.6.2).
 */
import { networkOf, type Prefix } from "@ropewalk/kernel/addresses";
import type { RouteFacts } from "../facts.ts";
import { RTM } from "../netlink/event.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { NLM_F } from "../netlink/message.ts";
import { encodeLinkRoutesRequest } from "../netlink/requests.ts";
import { decodeRoute } from "../netlink/route.ts";
import type { NetlinkExchange } from "./netlink-exchange.ts";

/** RTPROT_KERNEL of linux/rtnetlink.h. */
const kernelProtocol = 2;

/** Also when the kernel could not say: an address is then changed as one that has its route. Throws HOST_NETLINK. */
export function hasPrefixRoute(exchange: NetlinkExchange, ifindex: number, prefixes: readonly Prefix[]): boolean {
  const networks = prefixes.map(networkOf);
  let isThere = false;
  exchange.list(
    (sequence) => encodeLinkRoutesRequest(ifindex, sequence),
    ({ type, flags, payload }) => {
      if ((flags & NLM_F.DUMP_INTR) !== 0) isThere = true;
      const route = type === RTM.NEWROUTE ? decodeRoute(payload) : undefined;
      if (route === undefined || isMalformed(route)) return;
      isThere ||= networks.some((network) => leadsTo(route.facts, network, ifindex));
    },
  );
  return isThere;
}

function leadsTo({ type, protocol, destination, nextHops }: RouteFacts, network: Prefix, ifindex: number): boolean {
  if (type !== "unicast" || protocol !== kernelProtocol) return false;
  const isOfLink = nextHops.some((hop) => hop.ifindex === ifindex && hop.gateway === undefined);
  return isOfLink && destination.length === network.length && destination.address === network.address;
}
