/**
 * Which routes and rules make the kernel do what was decided: who binds to an uplink leaves by it, and everybody else by the
 * uplink in use, by those that share, or by the next that has a carrier. Nothing of anybody else's is in a plan.
 */
import { routingProtocol, routingTables, rulePriorities, uplinkMark, uplinkMarkMask } from "@ropewalk/host/allocations";
import {
  mainTable,
  type PresentRouting,
  type RouteWay,
  type WantedRoute,
  type WantedRouting,
  type WantedRule,
} from "@ropewalk/host/routing";
import {
  type Family,
  families,
  familyOf,
  formatPrefix,
  type IpAddress,
  isLinkLocal,
  networkOf,
  type Prefix,
  prefixContains,
} from "@ropewalk/kernel/addresses";

/** A way out that exists: an interface with an address and a gateway, or one that needs none. */
export interface PlannedPath {
  readonly slot: number;
  readonly family: Family;
  readonly ifindex: number;
  readonly source: IpAddress;
  readonly gateway: IpAddress | null;
  /** Everything of the family that the interface has, with its prefixes; `source` among it. */
  readonly addresses: readonly Prefix[];
  /** A lease of ours gives it: the main table has nothing of its link. */
  readonly isLeased: boolean;
  /** Its share of ordinary traffic beside the others that have one; undefined: it is used by itself, or stands behind. */
  readonly weight: number | undefined;
}

export interface PlanInput {
  /** The order in which ordinary traffic may take them: first the one that was decided for. */
  readonly paths: readonly PlannedPath[];
  /** Servers that belong to one uplink alone, by its interface: they are asked by that uplink or not at all. */
  readonly resolvers?: ReadonlyMap<number, readonly IpAddress[]>;
  /** Everybody's. */
  readonly present: PresentRouting;
}

/** Of ordinary traffic's routes the kernel takes the first whose interface has a carrier; an uplink's own is below them all. */
const ownMetric = 1;
export const firstOrdinaryMetric = 10;
const firstBackupMetric = 20;
/** The kernel's own for "no route at all" (IPv6); every other comes before it. */
const lastMetric = 0xffff_ffff;

export function planRouting({ paths, present, resolvers = new Map() }: PlanInput): WantedRouting {
  const tables = allotTables(paths, present);
  const uplinks = paths.flatMap((path) => {
    const table = tables.bySlot.get(path.slot);
    return table === undefined ? [] : [{ path, table }];
  });
  const networks = networksOf(paths);
  const ordinary = families.map((family) => ordinaryTraffic(family, paths, tables.ordinary));
  return {
    routes: [
      ...uplinks.flatMap(({ path, table }) => [
        ...linkRoutes(path, table, ownMetric),
        defaultRoute(path, table, ownMetric),
        endOf(path.family, table),
      ]),
      ...ordinary.flatMap(({ routes }) => routes),
    ],
    rules: [
      ...uplinks.flatMap(({ path, table }) => uplinkRules(path, table, networks)),
      ...uplinks.flatMap(({ path, table }) => resolverRules(path, table, resolvers.get(path.ifindex) ?? [])),
      ...ordinary.flatMap(({ rules }) => rules),
    ],
  };
}

interface Tables {
  /** Who found none left is not in it. */
  readonly bySlot: ReadonlyMap<number, number>;
  readonly ordinary: number | undefined;
}

/**
 * By slot, so that an uplink keeps its table while others come and go, or lose theirs to somebody. A table belongs to who has
 * routes in it or rules that lead there.
 */
function allotTables(paths: readonly PlannedPath[], { routes, rules }: PresentRouting): Tables {
  const { first, last } = routingTables;
  const foreign = [...routes, ...rules].filter(({ protocol }) => protocol !== routingProtocol);
  const taken = new Set(foreign.map(({ table }) => table));
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const allot = (candidates: readonly number[]) => {
    const table = candidates.find((candidate) => !taken.has(candidate));
    if (table !== undefined) taken.add(table);
    return table;
  };
  const ordinary = allot(all.toReversed());
  const bySlot = new Map<number, number>();
  const slots = [...new Set(paths.map(({ slot }) => slot))].toSorted((a, b) => a - b);
  for (const mostTables of [1, all.length]) {
    for (const slot of slots.filter((one) => !bySlot.has(one))) {
      const start = (slot - 1) % all.length;
      const table = allot([...all.slice(start), ...all.slice(0, start)].slice(0, mostTables));
      if (table !== undefined) bySlot.set(slot, table);
    }
  }
  return { bySlot, ordinary };
}

function defaultRoute(path: PlannedPath, table: number, metric: number): WantedRoute {
  const { family, source } = path;
  return { family, table, destination: everything[family], metric, preferredSource: source, ways: [wayOf(path, 1)] };
}

/** In an order that stays while weights change, for it decides which flow goes where. Each way has the source that suits it. */
function sharedRoute(family: Family, paths: readonly PlannedPath[], table: number): WantedRoute {
  const ways = paths.toSorted((a, b) => a.slot - b.slot).map((path) => wayOf(path, path.weight ?? 1));
  const metric = firstOrdinaryMetric;
  return { family, table, destination: everything[family], metric, preferredSource: undefined, ways };
}

function wayOf({ family, ifindex, gateway, addresses, isLeased }: PlannedPath, weight: number): RouteWay {
  const isInside = family === "ipv4" && gateway !== null && addresses.some((own) => isIn(own, gateway));
  // IPv6 refuses a gateway within the prefix of a link without a carrier, unless it is told that it is there (ip6_route_check_nh).
  // A lease's link is in no table that the kernel asks when it looks whether a gateway can be reached (fib_check_nh).
  const isOnLink = gateway !== null && !isLinkLocal(gateway) && (isLeased || !isInside);
  return { ifindex, gateway: gateway ?? undefined, isOnLink, weight };
}

/** A modem or another neighbour on the uplink's own link is reached without the gateway, by what is marked too. */
function linkRoutes(path: PlannedPath, table: number, metric: number): readonly WantedRoute[] {
  const { family, ifindex, source, addresses } = path;
  const links = addresses
    .filter(({ address, length }) => !isLinkLocal(address) && length < widths[family])
    .map(networkOf);
  const way = { ifindex, gateway: undefined, isOnLink: false, weight: 1 };
  return [...new Map(links.map((link) => [formatPrefix(link), link])).values()].map((destination) => {
    return { family, table, destination, metric, preferredSource: source, ways: [way] };
  });
}

/** Who is bound to an uplink that has no carrier must not leave by another, with an address that is not of there. */
function endOf(family: Family, table: number): WantedRoute {
  return { family, table, destination: everything[family], metric: lastMetric, preferredSource: undefined, ways: [] };
}

function isIn(own: Prefix, address: IpAddress): boolean {
  return prefixContains(networkOf(own), address);
}

const everything: Readonly<Record<Family, Prefix>> = {
  ipv4: { address: "0.0.0.0" as IpAddress, length: 0 },
  ipv6: { address: "::" as IpAddress, length: 0 },
};

function uplinkRules(path: PlannedPath, table: number, networks: Networks): readonly WantedRule[] {
  const { family, slot } = path;
  const mark = { value: uplinkMark(slot), mask: uplinkMarkMask };
  return [
    { ...matchesAll, family, priority: rulePriorities.mark, table, mark },
    ...sourcesOf(path, networks).flatMap((source): readonly WantedRule[] => [
      {
        ...matchesAll,
        family,
        priority: rulePriorities.sourceSpecific,
        table: mainTable,
        source,
        suppressPrefixLength: 0,
      },
      { ...matchesAll, family, priority: rulePriorities.source, table, source },
    ]),
  ];
}

function resolverRules({ family }: PlannedPath, table: number, servers: readonly IpAddress[]): readonly WantedRule[] {
  return servers
    .filter((server) => familyOf(server) === family)
    .map((server) => {
      const destination = { address: server, length: widths[family] };
      return { ...matchesAll, family, priority: rulePriorities.resolver, table, destination };
    });
}

const matchesAll = { source: undefined, destination: undefined, mark: undefined, suppressPrefixLength: undefined };

/** IPv6 changes its temporary addresses within a prefix; a prefix that two uplinks share tells nothing. */
function sourcesOf({ family, addresses }: PlannedPath, networks: Networks): readonly Prefix[] {
  const sources = addresses
    .filter(({ address }) => !isLinkLocal(address))
    .map((own): Prefix => {
      const whole = networkOf(own);
      const isShared = (networks.get(formatPrefix(whole))?.size ?? 0) > 1;
      return family === "ipv4" || isShared ? { address: own.address, length: widths[family] } : whole;
    });
  return [...new Map(sources.map((source) => [formatPrefix(source), source])).values()];
}

/** By each network that some uplink has: the slots of all that have an address within it. */
type Networks = ReadonlyMap<string, ReadonlySet<number>>;

function networksOf(paths: readonly PlannedPath[]): Networks {
  const networks = new Map<string, Set<number>>();
  for (const family of families) {
    const own = paths.filter((path) => path.family === family);
    const lengths = new Set(own.flatMap(({ addresses }) => addresses.map(({ length }) => length)));
    for (const { slot, addresses } of own) {
      for (const { address } of addresses) {
        for (const length of lengths) {
          networks.getOrInsertComputed(formatPrefix(networkOf({ address, length })), () => new Set()).add(slot);
        }
      }
    }
  }
  return networks;
}

const widths: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** Of the main table all but its default routes counts as before: LANs, VPNs, and what people have set up. */
function ordinaryTraffic(family: Family, all: readonly PlannedPath[], table: number | undefined): WantedRouting {
  const own = all.filter((path) => path.family === family);
  const [chosen] = own;
  if (chosen === undefined || table === undefined) return { routes: [], rules: [] };
  const sharers = own.filter(({ weight }) => weight !== undefined);
  const isShared = sharers.length > 1;
  const others = own.filter((path) => (isShared ? !sharers.includes(path) : path !== chosen));
  const { ordinarySpecific, ordinary } = rulePriorities;
  return {
    routes: [
      isShared ? sharedRoute(family, sharers, table) : defaultRoute(chosen, table, firstOrdinaryMetric),
      ...others.map((path, rank) => defaultRoute(path, table, firstBackupMetric + rank)),
      // Neighbours on the links of others are found by the main table.
      ...own.flatMap((path, rank) => (path.isLeased ? linkRoutes(path, table, firstBackupMetric + rank) : [])),
    ],
    rules: [
      { ...matchesAll, family, priority: ordinarySpecific, table: mainTable, suppressPrefixLength: 0 },
      { ...matchesAll, family, priority: ordinary, table },
    ],
  };
}
