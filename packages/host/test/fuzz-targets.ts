/** Everything of this package that reads bytes which somebody else wrote. `run` must never throw. */

import { devTypeOf } from "../src/linux/sysfs-device.ts";
import { decodeAck } from "../src/netlink/ack.ts";
import { decodeAddress } from "../src/netlink/address.ts";
import { decodeHeldAddress } from "../src/netlink/address-lifetimes.ts";
import { readAttributes } from "../src/netlink/attributes.ts";
import { decodeFlow } from "../src/netlink/conntrack.ts";
import { decodeEvent, RTM } from "../src/netlink/event.ts";
import { decodeCounter } from "../src/netlink/firewall-counters.ts";
import { decodeFirewallEvent } from "../src/netlink/firewall-event.ts";
import { NFNL_SUBSYS_NFTABLES, NFT_MSG } from "../src/netlink/firewall-query.ts";
import { decodeLink, decodeRemovedLink } from "../src/netlink/link.ts";
import { decodeLinkCounters } from "../src/netlink/link-counters.ts";
import { decodeLinkSettings } from "../src/netlink/link-settings.ts";
import { NLMSG, splitMessages } from "../src/netlink/message.ts";
import { decodeNeighbour } from "../src/netlink/neighbour.ts";
import { decodeNextHop } from "../src/netlink/next-hop.ts";
import { decodeRoute } from "../src/netlink/route.ts";
import { decodeRouterDns } from "../src/netlink/router-dns.ts";
import { decodeRule } from "../src/netlink/rule.ts";
import { decodeSocket } from "../src/netlink/socket-diag.ts";
import { isInterfaceName } from "../src/pure/interface-name.ts";
import { allDatagrams } from "./netlink/captures.ts";
import { counterMessage } from "./netlink/counter-message.ts";

export interface FuzzTarget {
  readonly name: string;
  run(bytes: Uint8Array): void;
  /** Real input to start from. */
  readonly seeds?: readonly Uint8Array[];
}

const message = (type: number, payload: Uint8Array) => ({ type, flags: 0x300, sequence: 1, portId: 0, payload });
const captured = allDatagrams.flatMap((datagram) => splitMessages(datagram).messages);
/** Payloads of the captured messages of these types. */
const payloads = (...types: readonly number[]) =>
  captured.filter(({ type }) => types.includes(type)).map(({ payload }) => payload);

const firewallTypes = [...new Set(captured.map(({ type }) => type))].filter(
  (type) => type >> 8 === NFNL_SUBSYS_NFTABLES,
);

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "netlink messages",
    run: (bytes) => {
      for (const found of splitMessages(bytes).messages) {
        decodeEvent(found);
        decodeAck(found);
      }
    },
    seeds: allDatagrams,
  },
  {
    name: "netlink events of every type",
    run: (bytes) => {
      for (const type of Object.values(RTM)) decodeEvent(message(type, bytes));
    },
    seeds: captured.map(({ payload }) => payload),
  },
  { name: "netlink attributes", run: readAttributes, seeds: payloads(RTM.NEWLINK).map((bytes) => bytes.subarray(16)) },
  {
    name: "netlink acknowledgement",
    run: (bytes) => decodeAck(message(NLMSG.ERROR, bytes)),
    seeds: payloads(NLMSG.ERROR, NLMSG.DONE),
  },
  { name: "netlink link", run: decodeLink, seeds: payloads(RTM.NEWLINK) },
  { name: "netlink removed link", run: decodeRemovedLink, seeds: payloads(RTM.DELLINK) },
  { name: "netlink link counters", run: decodeLinkCounters, seeds: payloads(RTM.NEWSTATS) },
  { name: "netlink address", run: decodeAddress, seeds: payloads(RTM.NEWADDR) },
  { name: "netlink address and its lifetimes", run: decodeHeldAddress, seeds: payloads(RTM.NEWADDR) },
  { name: "netlink tracked flow", run: decodeFlow },
  {
    name: "netlink changes of nftables",
    run: (bytes) => {
      for (const found of splitMessages(bytes).messages) decodeFirewallEvent(found, "ropewalk");
      for (const type of firewallTypes) decodeFirewallEvent(message(type, bytes), "ropewalk");
    },
    seeds: [...allDatagrams, ...payloads(...firewallTypes)],
  },
  {
    name: "netlink counters of nftables",
    run: (bytes) => decodeCounter(message((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.NEWOBJ, bytes)),
    seeds: [counterMessage],
  },
  { name: "netlink socket", run: (bytes) => decodeSocket(bytes, "tcp") },
  { name: "netlink route", run: decodeRoute, seeds: payloads(RTM.NEWROUTE) },
  { name: "netlink rule", run: decodeRule, seeds: payloads(RTM.NEWRULE) },
  { name: "netlink interface settings", run: decodeLinkSettings, seeds: payloads(RTM.NEWNETCONF) },
  { name: "netlink neighbour", run: decodeNeighbour, seeds: payloads(RTM.NEWNEIGH) },
  { name: "netlink nexthop", run: decodeNextHop, seeds: payloads(RTM.NEWNEXTHOP) },
  { name: "netlink router DNS", run: decodeRouterDns, seeds: payloads(RTM.NEWNDUSEROPT) },
  {
    name: "sysfs uevent",
    run: (bytes) => devTypeOf(new TextDecoder().decode(bytes)),
    seeds: [new TextEncoder().encode("DEVTYPE=wlan\nINTERFACE=wlan0\nIFINDEX=3\n")],
  },
  { name: "interface name", run: (bytes) => isInterfaceName(new TextDecoder().decode(bytes)) },
];
