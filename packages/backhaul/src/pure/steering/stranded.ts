/**
 * Which ways out have died with traffic on them. What is on a dead way is ended once, and only when there is another way to go:
 * who can go nowhere else may still come back to life. At the first look a way without a carrier counts as just dead, because an
 * earlier run may have died before it could end anything.
 */
import { type Family, families, type IpAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Decision, DecisionScope } from "../../status.ts";
import { standingOf } from "../candidate.ts";
import { candidateOf, type SlottedUplink } from "../connectivity.ts";

/** A way that traffic may be on, as it was when it last carried any. */
export interface Way {
  readonly uplinkId: UplinkId;
  readonly name: string;
  readonly family: Family;
  readonly slot: number;
  readonly addresses: readonly IpAddress[];
}

/** By family and uplink: the ways that carry traffic, and the dead ones whose traffic nobody has ended. */
export type Ways = ReadonlyMap<string, Way>;

export interface Stranding {
  readonly ways: Ways;
  /** To be ended now. None of their addresses belongs to a way that lives. */
  readonly stranded: readonly Way[];
  /** Ways that live on with other addresses, each with those that it has lost: whoever has one of them gets no answer any more. */
  readonly renumbered: readonly Way[];
}

/** `before` is undefined at the first look. */
export function strand(
  before: Ways | undefined,
  uplinks: readonly SlottedUplink[],
  decisions: Readonly<Record<DecisionScope, Decision>>,
): Stranding {
  const living = new Map<string, Way>();
  for (const uplink of uplinks) {
    for (const family of families) {
      const way = livingWay(uplink, family);
      if (way !== undefined) living.set(keyOf(way), way);
    }
  }
  const dead = [...(before ?? cutWays(uplinks))].filter(([key]) => !living.has(key));
  const hasWhereToGo = ({ family }: Way) => {
    const chosen = decisions[family].uplinkId;
    return chosen !== null && living.has(`${family} ${chosen}`);
  };
  const ways = new Map([...dead.filter(([, way]) => !hasWhereToGo(way)), ...living]);
  const taken = new Set([...living.values()].flatMap(({ addresses }) => addresses));
  const withoutTaken = (way: Way) => ({ ...way, addresses: way.addresses.filter((address) => !taken.has(address)) });
  const stranded = dead
    .map(([, way]) => way)
    .filter(hasWhereToGo)
    .map(withoutTaken);
  const renumbered = [...(before ?? [])]
    .filter(([key]) => living.has(key))
    .map(([, way]) => withoutTaken(way))
    .filter(({ addresses }) => addresses.length > 0);
  return { ways, stranded, renumbered };
}

function keyOf({ family, uplinkId }: Way): string {
  return `${family} ${uplinkId}`;
}

/** Whatever is not known to be dead may carry something. */
export function livingWay(uplink: SlottedUplink, family: Family): Way | undefined {
  switch (standingOf(candidateOf(uplink.status, family))) {
    case "up":
    case "degraded":
    case "limping":
    case "unproven":
      return wayOf(uplink, family);
    case "portal":
    case "dead":
    case "unusable":
      return undefined;
  }
}

/** No other dead way is surely dead: an interface without a route may by now serve a LAN. */
function cutWays(uplinks: readonly SlottedUplink[]): Ways {
  const isCut = ({ status }: SlottedUplink, family: Family) => status[family].reason.code === "no-carrier";
  const ways = uplinks.flatMap((uplink) =>
    families.filter((family) => isCut(uplink, family)).map((family) => wayOf(uplink, family)),
  );
  return new Map(ways.map((way) => [keyOf(way), way]));
}

function wayOf({ status, slot }: SlottedUplink, family: Family): Way {
  const addresses = status[family].addresses.map(({ address }) => address);
  return { uplinkId: status.id, name: status.name, family, slot, addresses };
}
