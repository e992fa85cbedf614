/**
 * What the host knows of its own network: plain facts as the kernel states them, nothing concluded from them.
 * Everything here is read-only data; a new fact is a new object.
 */
import type { Family, IpAddress, MacAddress, Prefix } from "@ropewalk/kernel/addresses";
import type { Bytes, Millis } from "@ropewalk/kernel/units";

export interface LinkFacts {
  readonly ifindex: number;
  readonly name: string;
  readonly mac: MacAddress | undefined;
  /** Burnt into the hardware (IFLA_PERM_ADDRESS); virtual devices have none. */
  readonly permanentMac: MacAddress | undefined;
  readonly mtu: Bytes;
  /** ARPHRD_* of linux/if_arp.h: 1 Ethernet, 512 PPP, 519 raw IP, 772 loopback, 65534 none. */
  readonly hardwareType: number;
  /** IFF_UP: the operator wants it up. */
  readonly isEnabled: boolean;
  /** netif_carrier_ok at the time of the message or of the last carrier poll, whichever is newer. */
  readonly hasCarrier: boolean;
  /** IF_OPER_DORMANT: carrier is there, but an authentication (802.1X, WPA) is not finished. */
  readonly isDormant: boolean;
  /** IFLA_INFO_KIND: "veth", "bridge", "wireguard", "tun"…; undefined for hardware. */
  readonly virtualKind: string | undefined;
  /** The bridge, bond or VRF that this link is enslaved to. */
  readonly master: number | undefined;
  /** The link below this one (VLAN, macvlan) or a veth's peer. */
  readonly lower: number | undefined;
  /** When the carrier last changed, on the monotonic clock; undefined when it has not since the watch began. */
  readonly carrierChangedAt: Millis | undefined;
}

export interface AddressFacts {
  readonly ifindex: number;
  readonly family: Family;
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly scope: "global" | "site" | "link" | "host" | "nowhere";
  /** IFA_F_TENTATIVE without optimistic, or IFA_F_DADFAILED: not to be used as a source. */
  readonly isTentative: boolean;
  readonly isDeprecated: boolean;
  /** IFA_F_SECONDARY (IPv4) or IFA_F_TEMPORARY (IPv6; the same bit). */
  readonly isSecondary: boolean;
}

/** A next hop of a route. Without `ifindex` it leaves by no interface (a blackhole). */
export interface NextHopFacts {
  readonly ifindex: number | undefined;
  readonly gateway: IpAddress | undefined;
  readonly weight: number;
  /** RTNH_F_DEAD or RTNH_F_LINKDOWN. */
  readonly isDead: boolean;
}

export interface RouteFacts {
  readonly family: Family;
  readonly table: number;
  readonly destination: Prefix;
  /** RTN_UNICAST and its like; the kernel's own word. */
  readonly type:
    | "unicast"
    | "local"
    | "broadcast"
    | "multicast"
    | "blackhole"
    | "unreachable"
    | "prohibit"
    | "throw"
    | "other";
  /** RTPROT_* of linux/rtnetlink.h: 2 kernel, 3 boot, 4 static, 9 RA, 16 DHCP. */
  readonly protocol: number;
  /** RTA_PRIORITY; lower wins; 0 when absent. */
  readonly metric: number;
  /** RTA_PREFSRC. */
  readonly preferredSource: IpAddress | undefined;
  /** At least one; several for a multipath route. */
  readonly nextHops: readonly NextHopFacts[];
  /** The nexthop object that the route points at, when it does (RTA_NH_ID); `nextHops` is then resolved through it. */
  readonly nextHopId: number | undefined;
}

export interface RuleFacts {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly protocol: number;
  readonly source: Prefix | undefined;
  readonly destination: Prefix | undefined;
  readonly mark: { readonly value: number; readonly mask: number } | undefined;
  /** Routes whose prefix is no longer than this count as not found; undefined when all count. */
  readonly suppressPrefixLength: number | undefined;
  readonly inputInterface: string | undefined;
  readonly outputInterface: string | undefined;
}

/** Recursive DNS servers from a router advertisement. Source: RFC 8106 §5.1. */
export interface RouterDnsFacts {
  readonly ifindex: number;
  readonly servers: readonly IpAddress[];
  /** Monotonic time after which the servers must not be used; undefined for a lifetime of infinity. */
  readonly expiresAt: Millis | undefined;
}

export interface NeighbourFacts {
  readonly ifindex: number;
  readonly family: Family;
  readonly address: IpAddress;
  readonly mac: MacAddress | undefined;
  readonly state: "incomplete" | "reachable" | "stale" | "delay" | "probe" | "failed" | "noarp" | "permanent" | "none";
}

/** Octets and packets since the interface appeared; they restart when it is replugged. */
export interface LinkCounters {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
  readonly receiveErrors: number;
  readonly sendErrors: number;
  readonly receiveDropped: number;
  readonly sendDropped: number;
}

/** Which device an interface is, from sysfs. */
export interface DeviceFacts {
  /** Path below /sys/devices, "virtual/net/veth0" for what has no hardware. */
  readonly devicePath: string;
  readonly isVirtual: boolean;
  /** Kernel driver of the device: "e1000e", "cdc_ether"; undefined when none is bound. */
  readonly driver: string | undefined;
  /** DEVTYPE of uevent: "wlan", "wwan", "bluetooth", "bridge"…; undefined for plain Ethernet. */
  readonly devType: string | undefined;
  readonly isWireless: boolean;
  readonly bus: string | undefined;
  /** Link speed as the driver states it; undefined when it does not (Wi-Fi, no carrier, virtual). */
  readonly speedMbps: number | undefined;
}

/** Where the machine's power comes from. Source: Linux ABI/testing/sysfs-class-power. */
export interface PowerFacts {
  readonly mains: "online" | "offline" | "unknown";
  /** Per cent, the lowest of all batteries; undefined without a battery. */
  readonly batteryPercent: number | undefined;
}

/**
 * Whose routes the kernel passes over while their interface has no carrier. Those of all others it goes on using, and what
 * it sends by them is lost. Source: ignore_routes_with_linkdown in Documentation/networking/ip-sysctl.rst.
 */
export interface DeadRouteFacts {
  readonly areSkippedEverywhere: boolean;
  readonly skippedOn: ReadonlySet<number>;
}

/**
 * What the kernel does with an IPv4 packet that came in by an interface. `strict`: it drops it unless the best route back
 * to the sender leaves by that very interface, so nothing answers on a standby uplink. `loose`: it drops it when there is
 * no route back at all. Source: rp_filter in Documentation/networking/ip-sysctl.rst.
 */
export type ReversePathFilter = "strict" | "loose";

export interface NetworkFacts {
  readonly links: ReadonlyMap<number, LinkFacts>;
  readonly addresses: readonly AddressFacts[];
  /** Only those that the watch was asked to keep. */
  readonly routes: readonly RouteFacts[];
  readonly routerDns: readonly RouterDnsFacts[];
  readonly deadRoutes: Readonly<Record<Family, DeadRouteFacts>>;
  /** By ifindex, as it takes effect: the larger of the interface's own setting and that of "all". Who is not in it is not filtered. */
  readonly reversePathFilters: ReadonlyMap<number, ReversePathFilter>;
}
