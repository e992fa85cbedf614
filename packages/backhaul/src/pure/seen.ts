/**
 * What is seen of every uplink before anything is measured: addresses, routes, resolvers, and which of its paths can be measured.
 * Drawn afresh from the facts; parts that did not change stay the same objects.
 */

import { uplinkMark } from "@ropewalk/host/allocations";
import type { AddressFacts, LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { DecisionScope, FamilyStatus, KernelRoute, ProbeProfileName, UplinkStatus } from "../status.ts";
import { type DefaultRoute, kernelRoutes } from "./default-routes.ts";
import { settingsFor, type UplinkEntry } from "./entries.ts";
import { isEqual } from "./equal.ts";
import type { ProbeConfig } from "./health/health-config.ts";
import { isOfFamily, type PathSubject } from "./health/path-health.ts";
import { baseOf } from "./identity.ts";
import type { ResolverFacts } from "./resolver-facts.ts";
import { withPercent } from "./sharing.ts";
import type { DeviceReading } from "./state.ts";
import type { Uplink } from "./uplink.ts";
import { uplinkStatus } from "./uplink-status.ts";

export interface SeenUplink {
  readonly slot: number;
  readonly profile: ProbeProfileName;
  readonly status: UplinkStatus;
}

export interface Seen {
  /** In order of their ifindex. */
  readonly uplinks: readonly SeenUplink[];
  /** Where the kernel's own routes send traffic. */
  readonly kernel: Readonly<Record<DecisionScope, KernelRoute | null>>;
  /** False while the device of an interface with a way out is still unread. */
  readonly isComplete: boolean;
}

export const nothingSeenYet: Seen = {
  uplinks: [],
  kernel: { ipv4: null, ipv6: null, overall: null },
  isComplete: false,
};

export interface SeenFacts {
  readonly network: NetworkFacts;
  readonly addresses: ReadonlyMap<number, readonly AddressFacts[]>;
  readonly routes: ReadonlyMap<number, readonly DefaultRoute[]>;
  readonly devices: ReadonlyMap<number, DeviceReading>;
  readonly resolvers: ReadonlyMap<number, ResolverFacts>;
  readonly uplinks: ReadonlyMap<number, Uplink>;
  readonly isComplete: boolean;
  readonly now: Millis;
}

export interface SeenConfig {
  readonly uplink: readonly UplinkEntry[];
  readonly probe: ProbeConfig;
}

export function look(facts: SeenFacts, config: SeenConfig, before: Seen): Seen {
  const ipv4 = kernelTakes(facts, "ipv4");
  const ipv6 = kernelTakes(facts, "ipv6");
  const kernel = { ipv4, ipv6, overall: overallRoute(ipv4, ipv6) };
  const uplinks = [...facts.uplinks.values()].map((uplink) => {
    const seen = seenUplink(uplink, facts, config, kernel);
    const known = before.uplinks.find((old) => old.status.id === seen.status.id);
    return known !== undefined && isEqual(known, seen) ? known : seen;
  });
  return { uplinks, kernel, isComplete: facts.isComplete };
}

function seenUplink(uplink: Uplink, facts: SeenFacts, config: SeenConfig, kernel: Seen["kernel"]): SeenUplink {
  const { ifindex } = uplink.link;
  const settings = settingsFor(config.uplink, uplink.link, [uplink.id, baseOf(uplink.id)]);
  const status = uplinkStatus({
    uplink,
    settings,
    device: facts.devices.get(ifindex)?.facts,
    addresses: facts.addresses.get(ifindex) ?? [],
    routes: facts.routes.get(ifindex) ?? [],
    resolvers: facts.resolvers.get(ifindex),
    routerDns: facts.network.routerDns,
    isOnlyUplink: facts.uplinks.size === 1,
    now: facts.now,
    unmeasurable: (family) => unmeasurable(uplink, family, facts, config.probe, kernel),
  });
  const { probe } = config;
  const usual = status.metered.value === true ? probe.meteredProfile : probe.profile;
  return { slot: uplink.slot, profile: settings.profile ?? usual, status };
}

/** Why a path with carrier, address and route is not measured all the same; undefined when it is. */
function unmeasurable(
  { id, link }: Uplink,
  family: Family,
  { network }: SeenFacts,
  probe: ProbeConfig,
  kernel: Seen["kernel"],
): FamilyStatus["reason"] | undefined {
  const { name, ifindex } = link;
  if (!probe.enabled) {
    const text = `${name} has carrier, address and route; whether the internet answers is not measured, because backhaul.probe.enabled is false`;
    return { code: "not-measured", text };
  }
  const lack = lackOfTargets(family, probe);
  if (lack !== undefined) return { code: "no-target", text: `${lack}: ${name} cannot be measured` };
  if (family === "ipv6" || network.reversePathFilters.get(ifindex) !== "strict" || kernel.ipv4?.uplinkId === id)
    return undefined;
  const text = `${name} cannot be measured: net.ipv4.conf.${name}.rp_filter (or .all) is 1, and so the kernel drops every reply that comes by another uplink than its route; 2 would let them in`;
  return { code: "strict-rp-filter", text };
}

function lackOfTargets(family: Family, { target, require }: ProbeConfig): string | undefined {
  const count = target.filter(({ address }) => isOfFamily(address, { family })).length;
  if (count === 0) return `no backhaul.probe.target has an ${family} address`;
  if (count >= require) return undefined;
  return `backhaul.probe.require is ${require}, and only ${count} of backhaul.probe.target ${count === 1 ? "has" : "have"} an ${family} address`;
}

/** The paths that can be measured, as the health monitor follows them. */
export function measurablePaths(uplinks: readonly SeenUplink[]): readonly PathSubject[] {
  return uplinks.flatMap(({ slot, profile, status }) =>
    families.flatMap((family): readonly PathSubject[] => {
      const { source, gateway, reason } = status[family];
      if (reason.code !== "starting" || source === null) return [];
      const { id: uplinkId, name, ifindex, mtu, kind } = status;
      const path = { uplinkId, name, ifindex, family, source, gateway, mark: uplinkMark(slot), mtu };
      return [{ path, kind, profile, resolvers: status.resolvers.servers }];
    }),
  );
}

/**
 * The uplink whose default route the kernel takes. A tunnel's routes are not counted: the question is which uplink
 * carries the packets, the tunnel's included.
 */
function kernelTakes(facts: SeenFacts, family: Family): KernelRoute | null {
  const { areSkippedEverywhere, skippedOn } = facts.network.deadRoutes[family];
  const isTaken = ({ isEnabled, hasCarrier, ifindex }: LinkFacts) =>
    isEnabled && (hasCarrier || !(areSkippedEverywhere || skippedOn.has(ifindex)));
  const uplinks = [...facts.uplinks.values()].filter(({ link }) => isTaken(link));
  const routes = uplinks.flatMap(({ link }) => facts.routes.get(link.ifindex) ?? []);
  const taken = kernelRoutes(routes, family);
  const ways = uplinks
    .filter(({ link }) => taken.some(({ ifindex }) => ifindex === link.ifindex))
    .map(({ id: uplinkId, link: { name, ifindex, hasCarrier } }) => {
      const own = taken.filter((route) => route.ifindex === ifindex);
      return { uplinkId, name, hasCarrier, weight: own.reduce((sum, { weight }) => sum + weight, 0) };
    })
    .toSorted((a, b) => Number(b.hasCarrier) - Number(a.hasCarrier) || b.weight - a.weight);
  const [way] = ways;
  if (way === undefined) return null;
  const shares = ways.length > 1 ? withPercent(ways.map(({ hasCarrier: _, ...share }) => share)) : [];
  return {
    ...{ uplinkId: way.uplinkId, name: way.name, isDeadEnd: !way.hasCarrier },
    ...{ isOurs: taken.some(({ origin }) => origin === "ropewalk"), shares },
  };
}

/** The one to name when only one can be named: a way out before a dead end, IPv4 before IPv6. */
function overallRoute(ipv4: KernelRoute | null, ipv6: KernelRoute | null): KernelRoute | null {
  const isLive = (route: KernelRoute | null) => route !== null && !route.isDeadEnd;
  return isLive(ipv4) || !isLive(ipv6) ? (ipv4 ?? ipv6) : ipv6;
}
