/** The one picture that readers get, derived afresh from the facts at every step; parts that did not change stay the same objects. */
import type { AddressFacts, NetworkFacts } from "@ropewalk/host/facts";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { Connectivity, UplinkId } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { Decision, DecisionScope, UplinkStatus } from "../status.ts";
import { decide, type KernelChoice } from "./choice.ts";
import { candidateOf, connectivityOf, nothingSeen, type SlottedUplink } from "./connectivity.ts";
import { type DefaultRoute, kernelRoute } from "./default-routes.ts";
import { settingsFor, type UplinkEntry } from "./entries.ts";
import { isEqual } from "./equal.ts";
import { baseOf } from "./identity.ts";
import type { ResolverFacts } from "./resolver-facts.ts";
import type { DeviceReading, Uplink } from "./state.ts";
import { uplinkStatus } from "./uplink-status.ts";

export interface Picture {
  /** In order of their ifindex. */
  readonly uplinks: readonly UplinkStatus[];
  readonly decisions: Readonly<Record<DecisionScope, Decision>>;
  readonly connectivity: Connectivity;
}

export interface PictureFacts {
  readonly network: NetworkFacts;
  readonly addresses: ReadonlyMap<number, readonly AddressFacts[]>;
  readonly routes: ReadonlyMap<number, readonly DefaultRoute[]>;
  readonly devices: ReadonlyMap<number, DeviceReading>;
  readonly resolvers: ReadonlyMap<number, ResolverFacts>;
  readonly uplinks: ReadonlyMap<number, Uplink>;
  /** False while the device of a coming uplink is unread. */
  readonly isComplete: boolean;
  readonly now: Millis;
}

const undecided: Decision = decide([], { uplinkId: null, deadEnd: undefined });

export const emptyPicture: Picture = {
  uplinks: [],
  decisions: { ipv4: undecided, ipv6: undecided, overall: undecided },
  connectivity: nothingSeen,
};

export function drawPicture(facts: PictureFacts, entries: readonly UplinkEntry[], before: Picture): Picture {
  const slotted = [...facts.uplinks.values()].map((uplink): SlottedUplink => {
    return { slot: uplink.slot, status: statusOf(uplink, facts, entries, before) };
  });
  const uplinks = slotted.map((uplink) => uplink.status);
  const decisions = kept(decisionsOf(uplinks, facts), before.decisions);
  const { generation, ...contentBefore } = before.connectivity;
  const content = connectivityOf(slotted, decisions, facts.isComplete);
  const connectivity = isEqual(content, contentBefore)
    ? before.connectivity
    : { generation: generation + 1, ...content };
  return { uplinks, decisions, connectivity };
}

function statusOf(uplink: Uplink, facts: PictureFacts, entries: readonly UplinkEntry[], before: Picture): UplinkStatus {
  const { ifindex } = uplink.link;
  const status = uplinkStatus({
    uplink,
    settings: settingsFor(entries, uplink.link, [uplink.id, baseOf(uplink.id)]),
    device: facts.devices.get(ifindex)?.facts,
    addresses: facts.addresses.get(ifindex) ?? [],
    routes: facts.routes.get(ifindex) ?? [],
    resolvers: facts.resolvers.get(ifindex),
    routerDns: facts.network.routerDns,
    isOnlyUplink: facts.uplinks.size === 1,
    now: facts.now,
  });
  return kept(status, before.uplinks.find((old) => old.id === status.id) ?? status);
}

function decisionsOf(uplinks: readonly UplinkStatus[], facts: PictureFacts): Readonly<Record<DecisionScope, Decision>> {
  const candidates = (scope: DecisionScope) => uplinks.map((uplink) => candidateOf(uplink, scope));
  const ipv4 = kernelChoice(facts, "ipv4");
  const ipv6 = kernelChoice(facts, "ipv6");
  return {
    ipv4: decide(candidates("ipv4"), ipv4),
    ipv6: decide(candidates("ipv6"), ipv6),
    overall: decide(candidates("overall"), ipv4.uplinkId === null ? ipv6 : ipv4),
  };
}

/**
 * The uplink whose default route the kernel prefers among those with carrier. A tunnel's routes are not counted: the
 * question is which uplink carries the packets, the tunnel's included. With `ignore_routes_with_linkdown` 0, Linux'
 * default, the kernel goes on sending into a preferred route without carrier, which is worth a word.
 */
function kernelChoice(facts: PictureFacts, family: Family): KernelChoice {
  const enabled = [...facts.uplinks.values()].filter(({ link }) => link.isEnabled);
  const preferred = ownerOfKernelRoute(enabled, facts, family);
  const live = ownerOfKernelRoute(
    enabled.filter(({ link }) => link.hasCarrier),
    facts,
    family,
  );
  return { uplinkId: live?.id ?? null, deadEnd: preferred === live ? undefined : preferred?.link.name };
}

function ownerOfKernelRoute(uplinks: readonly Uplink[], facts: PictureFacts, family: Family): Uplink | undefined {
  const routes = uplinks.flatMap(({ link }) => facts.routes.get(link.ifindex) ?? []);
  const route = kernelRoute(routes, family);
  return route === undefined ? undefined : facts.uplinks.get(route.ifindex);
}

function kept<T>(now: T, before: T): T {
  return isEqual(now, before) ? before : now;
}

/** The interfaces that traffic takes now. */
export function activeIfindexes(picture: Picture): ReadonlySet<number> {
  const { active } = picture.connectivity;
  const ids = new Set<UplinkId | undefined>(families.map((family) => active[family]));
  return new Set(picture.uplinks.filter((uplink) => ids.has(uplink.id)).map((uplink) => uplink.ifindex));
}
