/** What a fake network fills in where a test says nothing, and how it reads what a test writes. */
import {
  type Family,
  familyOf,
  ipAddress,
  type MacAddress,
  networkOf,
  type Prefix,
  parsePrefix,
} from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";
import { bytes } from "@ropewalk/kernel/units";
import type { AddressFacts, DeviceFacts, LinkCounters, LinkFacts, RouteFacts } from "../facts.ts";
import type { ObservedAddress, ObservedLink, ObservedRoute } from "../tables/network-event.ts";

/** A route as a test writes it; what is left out is a static unicast route of the main table, metric 0. */
export interface FakeRoute {
  /** A prefix, or the default route of a family: "default" (IPv4, and when left out) or "default6". */
  readonly to?: string;
  readonly via?: string;
  readonly ifindex?: number;
  readonly metric?: number;
  readonly table?: number;
  readonly type?: RouteFacts["type"];
  readonly protocol?: number;
  readonly preferredSource?: string;
  /** Instead of `via` and `ifindex`, for several next hops. */
  readonly nextHops?: RouteFacts["nextHops"];
}

/** What a test may say of an address besides its prefix. */
export type FakeAddress = Partial<Omit<AddressFacts, "ifindex" | "family" | "address" | "prefixLength">>;

export const noTraffic: LinkCounters = {
  receivedBytes: 0,
  sentBytes: 0,
  receivedPackets: 0,
  sentPackets: 0,
  receiveErrors: 0,
  sendErrors: 0,
  receiveDropped: 0,
  sendDropped: 0,
};

/** An enabled Ethernet link with carrier and a MAC address of its own. */
export function defaultLink(ifindex: number): Omit<ObservedLink, "name"> {
  const mac = `02:00:00:00:${hexOctet(ifindex >> 8)}:${hexOctet(ifindex)}` as MacAddress;
  return {
    ifindex,
    mac,
    permanentMac: mac,
    mtu: bytes(1500),
    hardwareType: 1,
    isEnabled: true,
    hasCarrier: true,
    isDormant: false,
    virtualKind: undefined,
    master: undefined,
    lower: undefined,
  };
}

/** A PCI network card of its own for a hardware link. */
export function defaultDevice(link: LinkFacts): DeviceFacts {
  const isVirtual = link.virtualKind !== undefined;
  return {
    devicePath: isVirtual ? `virtual/net/${link.name}` : `pci0000:00/0000:00:${hexOctet(link.ifindex)}.0`,
    isVirtual,
    driver: isVirtual ? undefined : "e1000e",
    devType: isVirtual ? link.virtualKind : undefined,
    isWireless: false,
    bus: isVirtual ? undefined : "pci",
    speedMbps: isVirtual ? undefined : 1000,
  };
}

export function observedAddress(ifindex: number, text: string, address: FakeAddress): ObservedAddress {
  const prefix = prefixOf(text);
  const isLinkScope = prefix.address.startsWith("fe80:");
  return {
    facts: {
      ifindex,
      family: familyOf(prefix.address),
      address: prefix.address,
      prefixLength: prefix.length,
      scope: isLinkScope ? "link" : "global",
      isTentative: false,
      isDeprecated: false,
      isSecondary: false,
      ...address,
    },
    peer: prefix.address,
  };
}

export function observedRoute(route: FakeRoute): ObservedRoute {
  const to = route.to ?? "default";
  const destination = prefixOf(to === "default" ? "0.0.0.0/0" : to === "default6" ? "::/0" : to);
  const family: Family = familyOf(destination.address);
  const gateway = route.via === undefined ? undefined : ipAddress(route.via);
  return {
    facts: {
      family,
      table: route.table ?? 254,
      destination: networkOf(destination),
      type: route.type ?? "unicast",
      protocol: route.protocol ?? 4,
      metric: route.metric ?? (family === "ipv6" ? 1024 : 0),
      preferredSource: route.preferredSource === undefined ? undefined : ipAddress(route.preferredSource),
      nextHops: route.nextHops ?? [{ ifindex: route.ifindex, gateway, weight: 1, isDead: false }],
      nextHopId: undefined,
    },
    tos: 0,
    source: undefined,
  };
}

/** As the kernel decides it for `ip route replace`. */
export function isReplaced(old: RouteFacts, next: RouteFacts): boolean {
  const { address, length } = next.destination;
  return (
    old.table === next.table &&
    old.metric === next.metric &&
    old.destination.address === address &&
    old.destination.length === length
  );
}

function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new InternalError(`"${text}" is not an address with a prefix length`);
  return prefix;
}

function hexOctet(value: number): string {
  return (value & 0xff).toString(16).padStart(2, "0");
}
