/** Everything of this package that reads bytes which somebody else wrote. `run` must never throw. */

import { devTypeOf, isInterfaceName } from "../src/linux/sysfs-device.ts";
import { decodeAck } from "../src/netlink/ack.ts";
import { decodeAddress } from "../src/netlink/address.ts";
import { readAttributes } from "../src/netlink/attributes.ts";
import { decodeEvent, RTM } from "../src/netlink/event.ts";
import { decodeLink, decodeLinkCounters, decodeRemovedLink } from "../src/netlink/link.ts";
import { splitMessages } from "../src/netlink/message.ts";
import { decodeNeighbour } from "../src/netlink/neighbour.ts";
import { decodeNextHop } from "../src/netlink/next-hop.ts";
import { decodeRoute } from "../src/netlink/route.ts";
import { decodeRouterDns } from "../src/netlink/router-dns.ts";
import { decodeRule } from "../src/netlink/rule.ts";

export interface FuzzTarget {
  readonly name: string;
  run(bytes: Uint8Array): void;
}

const message = (type: number, payload: Uint8Array) => ({ type, flags: 0x300, sequence: 1, portId: 0, payload });

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "netlink messages",
    run: (bytes) => {
      for (const found of splitMessages(bytes).messages) {
        decodeEvent(found);
        decodeAck(found);
      }
    },
  },
  {
    name: "netlink events of every type",
    run: (bytes) => {
      for (const type of Object.values(RTM)) decodeEvent(message(type, bytes));
    },
  },
  { name: "netlink attributes", run: readAttributes },
  { name: "netlink acknowledgement", run: (bytes) => decodeAck(message(2, bytes)) },
  { name: "netlink link", run: decodeLink },
  { name: "netlink removed link", run: decodeRemovedLink },
  { name: "netlink link counters", run: decodeLinkCounters },
  { name: "netlink address", run: decodeAddress },
  { name: "netlink route", run: decodeRoute },
  { name: "netlink rule", run: decodeRule },
  { name: "netlink neighbour", run: decodeNeighbour },
  { name: "netlink nexthop", run: decodeNextHop },
  { name: "netlink router DNS", run: decodeRouterDns },
  { name: "sysfs uevent", run: (bytes) => devTypeOf(new TextDecoder().decode(bytes)) },
  { name: "interface name", run: (bytes) => isInterfaceName(new TextDecoder().decode(bytes)) },
];
