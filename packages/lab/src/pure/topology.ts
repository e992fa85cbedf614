/**
 * Who is where: hosts, links and addresses of the lab, computed from the options alone. Every address is from ranges
 * reserved for documentation and benchmarks (RFC 5737, RFC 2544, RFC 3849), so a leak could reach nobody.
 */
import { type Family, families, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { type Millis, seconds } from "@ropewalk/kernel/units";

export const mostUplinks = 16;

/**
 * How an uplink gets its addresses: `dhcp` from its ISP by DHCP and, for IPv6, by router advertisements; `none` leaves
 * edge without any.
 */
export type Addressing = "static" | "dhcp" | "none";

/**
 * The IPv4 network of an uplink: its own; `shared` with its gateway by all uplinks that say so; `identical` in edge's
 * address as well. The ISPs of the latter two translate one to one, as a site's own modem would.
 */
export type SubnetPlan = "own" | "shared" | "identical";

export interface UplinkOptions {
  readonly addressing?: Addressing;
  readonly families?: readonly Family[];
  /** Default `own`. */
  readonly subnet?: SubnetPlan;
  /** How long a DHCP lease is good for; default 20 s. Edge renews it after two fifths of that. */
  readonly lease?: Millis;
}

/**
 * `equal` gives both ends of a link the same ifindex, as physical interfaces have: the kernel then throttles link events
 * to one a second (net/core/link_watch.c, linkwatch_urgent_event). `unequal` makes every event urgent.
 */
export type Ifindexes = "equal" | "unequal";

export interface Uplink {
  /** Its place, 0…15: decides its ISP, subnets and metric. */
  readonly slot: number;
  /** The interface's name on edge; a rename changes it. */
  readonly name: string;
  readonly isp: string;
  readonly addressing: Addressing;
  readonly families: readonly Family[];
  readonly subnet: SubnetPlan;
  readonly lease: Millis;
  /** How often it was renumbered: chooses the subnet. */
  readonly generation: number;
  /** How often an uplink was put into this slot: chooses the ifindex, which a new interface never inherits. */
  readonly incarnation: number;
}

export interface LinkEnd {
  readonly host: string;
  readonly name: string;
  readonly ifindex: number;
  /** Its hardware address; the kernel draws one when left out. */
  readonly hardware?: string;
}

export interface Link {
  readonly ends: readonly [LinkEnd, LinkEnd];
}

/** One family of a link between a router and what hangs on it. */
export interface Subnet {
  readonly family: Family;
  readonly router: IpAddress;
  readonly member: IpAddress;
  readonly length: number;
}

export interface ServerPlace {
  readonly name: string;
  readonly role: "resolver" | "target";
  readonly subnets: readonly Subnet[];
}

/** Names of interfaces that are the same in every lab. */
export const interfaces = { lan: "lan0", customer: "customer", upstream: "core", server: "eth0" } as const;

/** Where targets serve; besides these they answer echoes. */
export const targetPorts = { http: 80, tls: 443 } as const;

/** Two resolvers and two targets, each in a network of its own behind core. */
export const servers: readonly ServerPlace[] = [
  server("resolver-1", "resolver", ["192.0.2.1", "192.0.2.53", 24], ["2001:db8:53:1::1", "2001:db8:53:1::53", 64]),
  server(
    "resolver-2",
    "resolver",
    ["198.51.100.1", "198.51.100.53", 24],
    ["2001:db8:53:2::1", "2001:db8:53:2::53", 64],
  ),
  server("target-1", "target", ["203.0.113.1", "203.0.113.10", 25], ["2001:db8:80:1::1", "2001:db8:80:1::10", 64]),
  server("target-2", "target", ["203.0.113.129", "203.0.113.130", 25], ["2001:db8:80:2::1", "2001:db8:80:2::10", 64]),
];

/** The site's own network: edge is its router, client its member. */
export const lanSubnets: readonly Subnet[] = [
  subnet("198.19.0.1", "198.19.0.2", 24),
  subnet("2001:db8:1a::1", "2001:db8:1a::2", 64),
];

export function ispName(slot: number): string {
  return `isp-${String.fromCharCode(97 + slot)}`;
}

export function planUplink(slot: number, name: string, incarnation: number, options: UplinkOptions): Uplink {
  return {
    slot,
    name,
    isp: ispName(slot),
    addressing: options.addressing ?? "static",
    families: options.families ?? families,
    subnet: options.subnet ?? "own",
    lease: options.lease ?? seconds(20),
    generation: 0,
    incarnation,
  };
}

/** The networks between an ISP and the site now. Eight renumberings later the first one comes back. */
export function uplinkSubnets(uplink: Uplink): readonly Subnet[] {
  const ipv6 = `2001:db8:${(0xa0 + uplink.slot).toString(16)}:${uplink.generation % 8}`;
  const both = [ipv4Subnet(uplink), subnet(`${ipv6}::1`, `${ipv6}::2`, 64)];
  return both.filter(({ family }) => uplink.families.includes(family));
}

/** The metric of an uplink's default routes: 100, 200, 300 … */
export function uplinkMetric(uplink: Uplink): number {
  return (uplink.slot + 1) * 100;
}

/** What the internet sees as the uplink's IPv4 address, whatever edge calls it. */
export function publicAddress(uplink: Uplink): IpAddress {
  return ipv4Subnet({ ...uplink, subnet: "own" }).member;
}

function ipv4Subnet({ slot, subnet: plan, generation }: Uplink): Subnet {
  const round = generation % 8;
  const network = `198.18.${plan === "own" ? slot * 8 + round : 160 + round}`;
  const host = plan === "shared" ? slot + 2 : 2;
  return subnet(`${network}.1`, `${network}.${host}`, 24);
}

/** Everything that the ISP in `slot` may hand to its customer, as core routes it. */
export function ispAggregates(slot: number): readonly string[] {
  return [`198.18.${slot * 8}.0/21`, `2001:db8:${(0xa0 + slot).toString(16)}::/48`];
}

/** Between core (router) and an ISP (member). */
export function transitSubnets(slot: number): readonly Subnet[] {
  const ipv4 = `198.18.${128 + slot}`;
  const ipv6 = `2001:db8:c0:${slot.toString(16)}`;
  return [subnet(`${ipv4}.1`, `${ipv4}.2`, 30), subnet(`${ipv6}::1`, `${ipv6}::2`, 64)];
}

export function lanLink(ifindexes: Ifindexes): Link {
  return link(ifindexes, 10, ["edge", interfaces.lan], ["client", interfaces.server]);
}

export function serverLink(ifindexes: Ifindexes, place: ServerPlace): Link {
  return link(ifindexes, 40 + servers.indexOf(place), ["core", place.name], [place.name, interfaces.server]);
}

export function transitLink(ifindexes: Ifindexes, slot: number): Link {
  const { ends } = link(ifindexes, 20 + slot, ["core", ispName(slot)], [ispName(slot), interfaces.upstream]);
  const { core, isp } = transitHardware(slot);
  return {
    ends: [
      { ...ends[0], hardware: core },
      { ...ends[1], hardware: isp },
    ],
  };
}

/** The hardware addresses of the link between core and the ISP in `slot`; locally administered (IEEE 802, U/L bit). */
export function transitHardware(slot: number): { readonly core: string; readonly isp: string } {
  const last = slot.toString(16).padStart(2, "0");
  return { core: `02:00:00:00:01:${last}`, isp: `02:00:00:00:02:${last}` };
}

export function uplinkLink(ifindexes: Ifindexes, uplink: Uplink): Link {
  const ifindex = 100 + uplink.incarnation * mostUplinks + uplink.slot;
  return link(ifindexes, ifindex, ["edge", uplink.name], [uplink.isp, interfaces.customer]);
}

type Place = readonly [host: string, name: string];

function link(ifindexes: Ifindexes, ifindex: number, near: Place, far: Place): Link {
  const farIndex = ifindexes === "equal" ? ifindex : ifindex + 100_000;
  return {
    ends: [
      { host: near[0], name: near[1], ifindex },
      { host: far[0], name: far[1], ifindex: farIndex },
    ],
  };
}

type SubnetText = readonly [router: string, member: string, length: number];

function server(name: string, role: ServerPlace["role"], ipv4: SubnetText, ipv6: SubnetText): ServerPlace {
  return { name, role, subnets: [subnet(...ipv4), subnet(...ipv6)] };
}

function subnet(router: string, member: string, length: number): Subnet {
  return {
    family: router.includes(":") ? "ipv6" : "ipv4",
    router: ipAddress(router),
    member: ipAddress(member),
    length,
  };
}
