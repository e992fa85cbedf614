/** The lines for `ip -batch` that make the topology true and change it; and the kernel settings that they rest on. */
import {
  interfaces,
  ispAggregates,
  type Link,
  lanSubnets,
  type ServerPlace,
  type Subnet,
  servers,
  transitHardware,
  transitSubnets,
  type Uplink,
  uplinkMetric,
  uplinkSubnets,
} from "./topology.ts";

/** Kernel settings: path under /proc/sys, value. */
export type Settings = readonly (readonly [path: string, value: string])[];

/** Written under /proc/sys before a host has links: `default` then holds for every link that comes. */
export const hostSettings: Settings = [
  // An ISP answers ARP only for its own link, and announces only addresses of that link (Linux ip-sysctl.rst).
  ["net/ipv4/conf/all/arp_ignore", "1"],
  ["net/ipv4/conf/all/arp_announce", "2"],
  // The filter against foreign sources is nft's alone; the effective value is the larger of all and the link's.
  ["net/ipv4/conf/all/rp_filter", "0"],
  ["net/ipv4/conf/default/rp_filter", "0"],
  // IPv6 addresses survive a cut, as IPv4 ones do, and are usable at once.
  ["net/ipv6/conf/all/keep_addr_on_down", "1"],
  ["net/ipv6/conf/all/accept_dad", "0"],
  ["net/ipv6/conf/default/accept_dad", "0"],
  ["net/ipv6/conf/default/accept_ra", "0"],
  ["net/ipv6/conf/default/router_solicitations", "0"],
];

export const routerSettings: Settings = [
  ...hostSettings,
  ["net/ipv4/ip_forward", "1"],
  ["net/ipv6/conf/all/forwarding", "1"],
];

/** `pidOf` gives a process in the host's network, as the process that runs `ip` sees it. */
export function linkLine(link: Link, pidOf: (host: string) => number): string {
  const [near, far] = link.ends.map(({ name, host, ifindex, hardware }) => {
    const address = hardware === undefined ? "" : ` address ${hardware}`;
    // One segment at a time: else the kernel hands over up to 64 kB of TCP as one packet, and a fault would meet it whole.
    return `name ${name} netns ${pidOf(host)} index ${ifindex}${address} gso_max_segs 1`;
  });
  return `link add ${near} type veth peer ${far}`;
}

export function clientLines(): readonly string[] {
  return memberLines(interfaces.server, lanSubnets);
}

export function serverLines(place: ServerPlace): readonly string[] {
  return memberLines(interfaces.server, place.subnets);
}

/** Edge without its uplinks. */
export function edgeLines(): readonly string[] {
  return routerEndLines(interfaces.lan, lanSubnets);
}

/** Core without the ISPs. */
export function coreLines(): readonly string[] {
  return servers.flatMap((place) => routerEndLines(place.name, place.subnets));
}

/** What core needs to know of the ISP in `slot`. */
export function coreIspLines(slot: number, name: string): readonly string[] {
  const gateways = transitSubnets(slot).map((subnet) => subnet.member);
  const routes = ispAggregates(slot).map((prefix, index) => `route add ${prefix} via ${gateways[index]} dev ${name}`);
  const neighbours = neighbourLines(name, gateways, transitHardware(slot).isp);
  return [...routerEndLines(name, transitSubnets(slot)), ...routes, ...neighbours];
}

/** An ISP towards core. */
export function ispLines(slot: number): readonly string[] {
  const gateways = transitSubnets(slot).map(({ router }) => router);
  const neighbours = neighbourLines(interfaces.upstream, gateways, transitHardware(slot).core);
  return [...memberLines(interfaces.upstream, transitSubnets(slot)), ...neighbours];
}

/** Known for good: a full queue between core and an ISP would hold the answers of neighbour discovery back. */
function neighbourLines(device: string, addresses: readonly string[], hardware: string): readonly string[] {
  return addresses.map((address) => `neighbour add ${address} lladdr ${hardware} nud permanent dev ${device}`);
}

/** An ISP towards its customer. */
export function ispCustomerLines(uplink: Uplink): readonly string[] {
  return routerEndLines(interfaces.customer, uplinkSubnets(uplink));
}

/** Edge's end of an uplink. */
export function edgeUplinkLines(uplink: Uplink): readonly string[] {
  const up = `link set dev ${uplink.name} up`;
  if (uplink.addressing !== "static") return [up];
  return [up, ...uplinkSubnets(uplink).flatMap((subnet) => uplinkAddressLines(uplink, subnet))];
}

/** From `before` to `after` on edge, the new network first: an interface without any address would lose its routes. */
export function renumberEdgeLines(before: Uplink, after: Uplink): readonly string[] {
  if (after.addressing !== "static") return [];
  const gone = uplinkSubnets(before).map((subnet) => addressLine("del", before.name, subnet, subnet.member));
  return [...uplinkSubnets(after).flatMap((subnet) => uplinkAddressLines(after, subnet)), ...gone];
}

/** The ISP's own addresses on the customer's link. */
export function ispAddressLines(verb: "add" | "del", uplink: Uplink): readonly string[] {
  return uplinkSubnets(uplink).map((subnet) => addressLine(verb, interfaces.customer, subnet, subnet.router));
}

function uplinkAddressLines(uplink: Uplink, subnet: Subnet): readonly string[] {
  return [addressLine("add", uplink.name, subnet, subnet.member), defaultRouteLine(uplink, subnet)];
}

function defaultRouteLine(uplink: Uplink, { router }: Subnet): string {
  const origin = uplink.addressing === "dhcp" ? "dhcp" : "static";
  return `route replace default via ${router} dev ${uplink.name} metric ${uplinkMetric(uplink)} proto ${origin}`;
}

/** The default routes that edge has by the uplink, but for those that the kernel took from router advertisements. */
export function defaultRouteLines(uplink: Uplink): readonly string[] {
  const isGiven = ({ family }: Subnet) =>
    uplink.addressing === "static" || (uplink.addressing === "dhcp" && family === "ipv4");
  return uplinkSubnets(uplink)
    .filter(isGiven)
    .map((subnet) => defaultRouteLine(uplink, subnet));
}

function memberLines(name: string, subnets: readonly Subnet[]): readonly string[] {
  const up = `link set dev ${name} up`;
  const addresses = subnets.map((subnet) => addressLine("add", name, subnet, subnet.member));
  return [up, ...addresses, ...subnets.map((subnet) => `route add default via ${subnet.router} dev ${name}`)];
}

function routerEndLines(name: string, subnets: readonly Subnet[]): readonly string[] {
  return [`link set dev ${name} up`, ...subnets.map((subnet) => addressLine("add", name, subnet, subnet.router))];
}

function addressLine(verb: "add" | "del", name: string, subnet: Subnet, address: string): string {
  const flags = verb === "add" && subnet.family === "ipv6" ? " nodad" : "";
  return `address ${verb} ${address}/${subnet.length} dev ${name}${flags}`;
}
