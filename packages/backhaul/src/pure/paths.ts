/**
 * What one uplink has in one address family: its addresses, the source that its sockets use, its gateway, and whether
 * that is enough. A path is down only for what is seen to be missing; what cannot be measured is unknown.
 */
import type { AddressFacts, LinkFacts } from "@ropewalk/host/facts";
import {
  type Family,
  type IpAddress,
  isLinkLocal,
  isLoopback,
  networkOf,
  prefixContains,
} from "@ropewalk/kernel/addresses";
import type { FamilyStatus, UplinkReason } from "../status.ts";
import { bestDefaultRoute, type DefaultRoute } from "./default-routes.ts";
import { starting } from "./health/settling.ts";
import { noFigures } from "./health/verdict.ts";
import { stateOf } from "./reasons.ts";

const familyNames: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

/** `addresses` and `routes` are those of this link, of both families. `unmeasurable`: why it is not probed, when it is not. */
export function familyStatus(
  link: LinkFacts,
  family: Family,
  addresses: readonly AddressFacts[],
  routes: readonly DefaultRoute[],
  unmeasurable: UplinkReason | undefined,
): FamilyStatus {
  const own = addresses.filter((address) => address.family === family);
  const route = bestDefaultRoute(routes, family);
  const source = chooseSource(own, route);
  const reason = linkReason(link) ?? pathReason(link.name, family, own, source, route) ?? unmeasurable ?? starting;
  return {
    state: stateOf(reason.code),
    reason,
    figures: noFigures,
    source: source?.address ?? null,
    addresses: own.map(({ address, prefixLength }) => ({ address, length: prefixLength })),
    gateway: route?.gateway ?? null,
    wayOut: route === undefined ? null : route.origin === "lease" ? "lease" : "route",
    metric: route === undefined || route.origin === "lease" ? null : route.metric,
    network: source === undefined ? null : networkOf({ address: source.address, length: source.prefixLength }),
  };
}

/** What keeps every family of the link down. */
function linkReason(link: LinkFacts): UplinkReason | undefined {
  const { name } = link;
  if (!link.isEnabled) {
    return { code: "disabled", text: `${name} is switched off; \`ip link set dev ${name} up\` switches it on` };
  }
  if (!link.hasCarrier) {
    return { code: "no-carrier", text: `${name} has no carrier: no cable, no radio link, or its far end is off` };
  }
  if (link.isDormant) {
    return { code: "dormant", text: `${name} has a carrier and waits for an authentication (802.1X or WPA) to end` };
  }
  return undefined;
}

function pathReason(
  name: string,
  family: Family,
  own: readonly AddressFacts[],
  source: AddressFacts | undefined,
  route: DefaultRoute | undefined,
): UplinkReason | undefined {
  const familyName = familyNames[family];
  if (source === undefined) return { code: "no-address", text: `${name} has ${lackOfAddress(familyName, own)}` };
  if (route === undefined) {
    const text = `${name} has the ${familyName} address ${source.address} and no default route: it cannot be measured, and carries no traffic, until it has one`;
    return { code: "no-route", text };
  }
  return undefined;
}

function lackOfAddress(familyName: string, own: readonly AddressFacts[]): string {
  if (own.length === 0) return `no ${familyName} address`;
  if (own.some((address) => address.isTentative))
    return `no usable ${familyName} address: one is tentative or a duplicate`;
  return `only ${familyName} addresses that are good on its own link`;
}

/**
 * The address that sockets on this path bind to; undefined when none will do. A deprecated one is better than none (RFC 4862
 * §5.5.4): we deprecate those of a dead uplink ourselves, and its probes must go on.
 */
function chooseSource(own: readonly AddressFacts[], route: DefaultRoute | undefined): AddressFacts | undefined {
  const all = own.filter(isUsable);
  const current = all.filter(({ isDeprecated }) => !isDeprecated);
  const usable = current.length > 0 ? current : all;
  const preferred = usable.find((address) => address.address === route?.preferredSource);
  if (preferred !== undefined) return preferred;
  return own[0]?.family === "ipv6" ? usable.toSorted(compareIpv6)[0] : chooseIpv4(usable, route?.gateway);
}

function isUsable(address: AddressFacts): boolean {
  if (address.isTentative || isLoopback(address.address)) return false;
  return address.scope === "global" || address.scope === "site" ? !isLinkLocal(address.address) : false;
}

/** As the kernel does (inet_select_addr in net/ipv4/devinet.c): the primary of the gateway's subnet, else the first primary. */
function chooseIpv4(usable: readonly AddressFacts[], gateway: IpAddress | undefined): AddressFacts | undefined {
  const primaries = usable.filter((address) => !address.isSecondary);
  const isBeside = ({ address, prefixLength }: AddressFacts) =>
    gateway !== undefined && prefixContains({ address, length: prefixLength }, gateway);
  return primaries.find(isBeside) ?? primaries[0] ?? usable[0];
}

/**
 * Global before unique local (RFC 6724 §5 rule 6: a global destination prefers a source with its own label). Stable
 * before temporary, the reverse of rule 7, which leaves that to the application: our sockets live longer than a temporary
 * address, which is deprecated after a day (RFC 8981 §3.8). Then by text, because the kernel lists new addresses last in
 * events and first in dumps.
 */
function compareIpv6(a: AddressFacts, b: AddressFacts): number {
  return (
    Number(isUniqueLocal(a.address)) - Number(isUniqueLocal(b.address)) ||
    Number(a.isSecondary) - Number(b.isSecondary) ||
    (a.address < b.address ? -1 : 1)
  );
}

/** fc00::/7, RFC 4193 §3.1. */
export function isUniqueLocal(address: IpAddress): boolean {
  return /^f[cd]/.test(address);
}
