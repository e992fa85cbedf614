/** Opens netlink sockets: for the kernel's events, joined before anything is read, and for requests. */
import { HostError } from "../errors.ts";
import { readU32, writeU16, writeU32 } from "../netlink/integers.ts";
import { AF, ERRNO, type Native, SOCK } from "./native.ts";

/** Netlink protocols. Source: linux/netlink.h. */
const NETLINK_FAMILY = { ROUTE: 0, SOCK_DIAG: 4, NETFILTER: 12, GENERIC: 16 } as const;
const SOL_SOCKET = 1;
const SO = { RCVBUF: 8, RCVBUFFORCE: 33 } as const;
const SOL_NETLINK = 270;
const NETLINK = { ADD_MEMBERSHIP: 1, CAP_ACK: 10, EXT_ACK: 11, GET_STRICT_CHK: 12 } as const;
/** Source: enum rtnetlink_groups of linux/rtnetlink.h. */
const RTNLGRP = {
  LINK: 1,
  IPV4_IFADDR: 5,
  IPV4_ROUTE: 7,
  IPV4_RULE: 8,
  IPV6_IFADDR: 9,
  IPV6_ROUTE: 11,
  IPV6_RULE: 19,
  ND_USEROPT: 20,
  IPV4_NETCONF: 24,
  IPV6_NETCONF: 25,
  NEXTHOP: 32,
} as const;
/** Source: enum nfnetlink_groups of linux/netfilter/nfnetlink.h. */
const NFNLGRP_NFTABLES = 7;
/** struct sockaddr_nl: u16 family, u16 padding, u32 port, u32 groups. */
const addressLength = 12;

type Group = keyof typeof RTNLGRP;

/** Links, addresses, routes, their settings, and what routers announce. */
export const networkGroups: readonly Group[] = [
  "LINK",
  "IPV4_IFADDR",
  "IPV4_ROUTE",
  "IPV6_IFADDR",
  "IPV6_ROUTE",
  "ND_USEROPT",
  "IPV4_NETCONF",
  "IPV6_NETCONF",
  "NEXTHOP",
];

export const ruleGroups: readonly Group[] = ["IPV4_RULE", "IPV6_RULE"];

/** A socket that hears the events of `groups`; the caller closes the descriptor. `receiveBuffer` is in octets. */
export function openEventSocket(native: Native, groups: readonly Group[], receiveBuffer: number): number {
  const numbered = groups.map((name) => [name, RTNLGRP[name]] as const);
  return openListening(native, "ROUTE", numbered, receiveBuffer);
}

/** As `openEventSocket`, for changes of nftables. */
export function openFirewallEventSocket(native: Native, receiveBuffer: number): number {
  return openListening(native, "NETFILTER", [["NFTABLES", NFNLGRP_NFTABLES]], receiveBuffer);
}

function openListening(
  native: Native,
  family: keyof typeof NETLINK_FAMILY,
  groups: readonly (readonly [string, number])[],
  receiveBuffer: number,
): number {
  const fd = openNetlink(native, family);
  const size = integer(receiveBuffer);
  // FORCE passes net.core.rmem_max and needs CAP_NET_ADMIN; without it the kernel cuts the size down in silence.
  if (native.setOption(fd, SOL_SOCKET, SO.RCVBUFFORCE, size) < 0) native.setOption(fd, SOL_SOCKET, SO.RCVBUF, size);
  for (const [name, group] of groups) {
    const joined = native.setOption(fd, SOL_NETLINK, NETLINK.ADD_MEMBERSHIP, integer(group));
    // Kernels before 5.3 have no nexthop objects to tell of.
    if (joined >= 0 || (name === "NEXTHOP" && joined === -ERRNO.EINVAL)) continue;
    native.close(fd);
    throw new HostError(
      "HOST_NETLINK",
      `the kernel refused membership of the netlink group ${name} (errno ${-joined})`,
      {
        errno: -joined,
      },
    );
  }
  return fd;
}

/** A socket for requests, with extended verdicts and strict checks where the kernel has them. The caller closes it. */
export function openRequestSocket(native: Native, family: keyof typeof NETLINK_FAMILY = "ROUTE"): number {
  const fd = openNetlink(native, family);
  // Refused by kernels before 4.3, 4.12 and 4.20; dumps then hold more than was asked, and the decoders cope. A refused request
  // does not come back: it may have had keys.
  native.setOption(fd, SOL_NETLINK, NETLINK.CAP_ACK, integer(1));
  native.setOption(fd, SOL_NETLINK, NETLINK.EXT_ACK, integer(1));
  native.setOption(fd, SOL_NETLINK, NETLINK.GET_STRICT_CHK, integer(1));
  return fd;
}

/** Room for the sender's address of `receiveFrom`. */
export function senderBuffer(): Uint8Array {
  return new Uint8Array(addressLength);
}

/** Other programs may send to our port as well; the kernel's own port is zero. */
export function isFromKernel(sender: Uint8Array): boolean {
  return readU32(sender, 4) === 0;
}

function openNetlink(native: Native, family: keyof typeof NETLINK_FAMILY): number {
  const fd = native.socket(AF.NETLINK, SOCK.RAW, NETLINK_FAMILY[family]);
  if (fd < 0) {
    throw new HostError("HOST_NETLINK", `the kernel gave no netlink socket (${family}) (errno ${-fd})`, { errno: -fd });
  }
  const address = new Uint8Array(addressLength);
  writeU16(address, 0, AF.NETLINK);
  const bound = native.bind(fd, address);
  if (bound >= 0) return fd;
  native.close(fd);
  throw new HostError("HOST_NETLINK", `the kernel did not bind a netlink socket (${family}) (errno ${-bound})`, {
    errno: -bound,
  });
}

function integer(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  writeU32(octets, 0, value);
  return octets;
}
