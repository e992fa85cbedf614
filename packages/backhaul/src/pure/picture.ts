/** The one picture that readers get, derived afresh from the facts at every step; parts that did not change stay the same objects. */
import type { AddressFacts, LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { Decision, DecisionScope, KernelRoute, UplinkStatus } from "../status.ts";
import { decide } from "./choice.ts";
import { candidateOf, connectivityOf, nothingSeen, type SlottedUplink } from "./connectivity.ts";
import { type DefaultRoute, kernelRoute } from "./default-routes.ts";
import { settingsFor, type UplinkEntry } from "./entries.ts";
import { isEqual } from "./equal.ts";
import { baseOf } from "./identity.ts";
import type { ResolverFacts } from "./resolver-facts.ts";
import type { DeviceReading } from "./state.ts";
import type { Uplink } from "./uplink.ts";
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

const undecided: Decision = decide([], null);

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
  const ipv4 = kernelTakes(facts, "ipv4");
  const ipv6 = kernelTakes(facts, "ipv6");
  return {
    ipv4: decide(candidates("ipv4"), ipv4),
    ipv6: decide(candidates("ipv6"), ipv6),
    overall: decide(candidates("overall"), overallRoute(ipv4, ipv6)),
  };
}

/**
 * The uplink whose default route the kernel takes. A tunnel's routes are not counted: the question is which uplink
 * carries the packets, the tunnel's included.
 */
function kernelTakes(facts: PictureFacts, family: Family): KernelRoute | null {
  const { areSkippedEverywhere, skippedOn } = facts.network.deadRoutes[family];
  const isTaken = ({ isEnabled, hasCarrier, ifindex }: LinkFacts) =>
    isEnabled && (hasCarrier || !(areSkippedEverywhere || skippedOn.has(ifindex)));
  const uplinks = [...facts.uplinks.values()].filter(({ link }) => isTaken(link));
  const route = kernelRoute(
    uplinks.flatMap(({ link }) => facts.routes.get(link.ifindex) ?? []),
    family,
  );
  const uplink = route === undefined ? undefined : facts.uplinks.get(route.ifindex);
  if (uplink === undefined) return null;
  return { uplinkId: uplink.id, name: uplink.link.name, isDeadEnd: !uplink.link.hasCarrier };
}

/** The one to name when only one can be named: a way out before a dead end, IPv4 before IPv6. */
function overallRoute(ipv4: KernelRoute | null, ipv6: KernelRoute | null): KernelRoute | null {
  const isLive = (route: KernelRoute | null) => route !== null && !route.isDeadEnd;
  return isLive(ipv4) || !isLive(ipv6) ? (ipv4 ?? ipv6) : ipv6;
}

function kept<T>(now: T, before: T): T {
  return isEqual(now, before) ? before : now;
}

/** The interfaces that traffic takes now, the one that it takes in vain too: its carrier's return matters as much. */
export function activeIfindexes(picture: Picture): ReadonlySet<number> {
  const ids = new Set(families.map((family) => picture.decisions[family].kernel?.uplinkId));
  return new Set(picture.uplinks.filter((uplink) => ids.has(uplink.id)).map((uplink) => uplink.ifindex));
}
