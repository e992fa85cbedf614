/** Facts for tests: each with plain values, changed by what the test is about. */
import type { AddressFacts, DeviceFacts, LinkFacts, NetworkFacts, RouteFacts } from "@ropewalk/host/facts";
import { ipAddress, type MacAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { bytes, millis } from "@ropewalk/kernel/units";

export const mac = (text: string): MacAddress => text as MacAddress;

export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`"${text}" is not a prefix`);
  return parsed;
}

/** An enabled Ethernet link with carrier and a permanent MAC address. */
export function linkFacts(changes: Partial<LinkFacts> = {}): LinkFacts {
  const { ifindex = 2 } = changes;
  const own = mac(`02:00:00:00:00:${ifindex.toString(16).padStart(2, "0")}`);
  return {
    ifindex,
    name: `eth${ifindex}`,
    mac: own,
    permanentMac: own,
    mtu: bytes(1500),
    hardwareType: 1,
    isEnabled: true,
    hasCarrier: true,
    isDormant: false,
    virtualKind: undefined,
    master: undefined,
    lower: undefined,
    carrierChangedAt: undefined,
    ...changes,
  };
}

/** A PCI network card. */
export function deviceFacts(changes: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    devicePath: "pci0000:00/0000:00:1f.6",
    isVirtual: false,
    driver: "e1000e",
    devType: undefined,
    isWireless: false,
    bus: "pci",
    speedMbps: 1000,
    ...changes,
  };
}

export function addressFacts(text: string, changes: Partial<AddressFacts> = {}): AddressFacts {
  const { address, length } = prefix(text);
  return {
    ifindex: 2,
    family: address.includes(":") ? "ipv6" : "ipv4",
    address,
    prefixLength: length,
    scope: address.startsWith("fe80:") ? "link" : "global",
    isTentative: false,
    isDeprecated: false,
    isSecondary: false,
    ...changes,
  };
}

/** A default route of the main table; `to` is a prefix. */
export function routeFacts(
  changes: Partial<Omit<RouteFacts, "destination">> & {
    readonly to?: string;
    readonly via?: string;
    readonly ifindex?: number;
  } = {},
): RouteFacts {
  const { to = "0.0.0.0/0", via, ifindex = 2, ...rest } = changes;
  const destination = prefix(to);
  return {
    family: destination.address.includes(":") ? "ipv6" : "ipv4",
    table: 254,
    destination,
    type: "unicast",
    protocol: 16,
    metric: 0,
    preferredSource: undefined,
    nextHops: [{ ifindex, gateway: via === undefined ? undefined : ipAddress(via), weight: 1, isDead: false }],
    nextHopId: undefined,
    ...rest,
  };
}

export function networkFacts(
  links: readonly LinkFacts[],
  rest: Partial<Omit<NetworkFacts, "links">> = {},
): NetworkFacts {
  return {
    links: new Map(links.map((link) => [link.ifindex, link])),
    addresses: [],
    routes: [],
    routerDns: [],
    reversePathFilters: new Map(),
    deadRoutes: {
      ipv4: { areSkippedEverywhere: false, skippedOn: new Set() },
      ipv6: { areSkippedEverywhere: false, skippedOn: new Set() },
    },
    ...rest,
  };
}

export const now = millis(0);
