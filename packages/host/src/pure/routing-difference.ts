/**
 * What must change for the kernel to have the wanted routes and rules, in an order in which no packet ever finds less than it
 * found before or will find after. Only what bears our protocol number is ever replaced or removed.
 */
import { formatPrefix } from "@ropewalk/kernel/addresses";
import { routingProtocol } from "../allocations.ts";
import type { RouteFacts, RuleFacts } from "../facts.ts";
import type { PresentRouting, RoutingChange, WantedRoute, WantedRouting, WantedRule } from "../routing.ts";

/**
 * Tables are filled before rules lead there, and emptied when none does any more. What the kernel asks first is made first: a
 * source is routed when ordinary traffic moves to it. Within a table the first route comes first and goes last, so that
 * traffic moves once at most.
 */
export function changesTo(wanted: WantedRouting, present: PresentRouting): readonly RoutingChange[] {
  const routes = routeChanges(wanted.routes, present.routes);
  const rules = ruleChanges(wanted.rules, present.rules);
  const ranks = tableRanks([...wanted.rules, ...present.rules.filter(isOwn)]);
  const rankOf = ({ route: { family, table } }: RouteChange) => ranks.get(`${family} ${table}`) ?? -1;
  const making = [
    ...routes
      .filter(({ kind }) => kind !== "remove-route")
      .map((change) => ({ change, key: [rankOf(change), 0, change.route.metric] })),
    ...rules.filter(({ kind }) => kind === "add-rule").map((change) => ({ change, key: [change.rule.priority, 1, 0] })),
  ];
  const removing = [
    ...rules
      .filter(({ kind }) => kind === "remove-rule")
      .map((change) => ({ change, key: [0, -change.rule.priority, 0] })),
    ...routes
      .filter(({ kind }) => kind === "remove-route")
      .map((change) => ({ change, key: [1, -rankOf(change), -change.route.metric] })),
  ];
  return [...making.toSorted(byKey), ...removing.toSorted(byKey)].map(({ change }) => change);
}

type RouteChange = Extract<RoutingChange, { readonly route: WantedRoute }>;
type RuleChange = Extract<RoutingChange, { readonly rule: WantedRule }>;

interface Keyed {
  readonly change: RoutingChange;
  readonly key: readonly number[];
}

function byKey({ key: a }: Keyed, { key: b }: Keyed): number {
  const index = a.findIndex((part, place) => part !== b[place]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** When the kernel first asks a table: the lowest priority of the rules that lead there. */
function tableRanks(rules: readonly Pick<WantedRule, "family" | "table" | "priority">[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const { family, table, priority } of rules) {
    const key = `${family} ${table}`;
    ranks.set(key, Math.min(priority, ranks.get(key) ?? priority));
  }
  return ranks;
}

function isOwn({ protocol }: { readonly protocol: number }): boolean {
  return protocol === routingProtocol;
}

function routeChanges(wanted: readonly WantedRoute[], present: readonly RouteFacts[]): readonly RouteChange[] {
  const own = new Map<string, WantedRoute[]>();
  for (const route of present) {
    if (!isOwn(route)) continue;
    const found = asWanted(route);
    own.set(placeOf(found), [...(own.get(placeOf(found)) ?? []), found]);
  }
  const changes: RouteChange[] = [];
  for (const route of wanted) {
    const place = placeOf(route);
    const there = own.get(place) ?? [];
    own.delete(place);
    const same = there.find((one) => hasSameWays(one, route));
    if (same !== undefined) changes.push(...removals(there.filter((one) => one !== same)));
    else if (there.length === 0) changes.push({ kind: "add-route", route });
    // The kernel replaces the first of several, which IPv6 may have in one place.
    else changes.push({ kind: "replace-route", route }, ...removals(there.slice(1)));
  }
  return [...changes, ...removals([...own.values()].flat())];
}

function removals(routes: readonly WantedRoute[]): readonly RouteChange[] {
  return routes.map((route) => ({ kind: "remove-route", route }));
}

/** Where there can be one route only: what the kernel compares to tell one from another. */
function placeOf({ family, table, destination, metric }: WantedRoute): string {
  return `${family} ${table} ${formatPrefix(destination)} ${metric}`;
}

/** The kernel does not say whether a gateway was called on-link, and gives ways in an order of its own. */
function hasSameWays(a: WantedRoute, b: WantedRoute): boolean {
  return a.preferredSource === b.preferredSource && waysText(a) === waysText(b);
}

function waysText({ ways }: WantedRoute): string {
  return ways
    .map(({ ifindex, gateway, weight }) => `${ifindex} ${gateway} ${weight}`)
    .toSorted()
    .join();
}

function asWanted({ family, table, destination, type, metric, nextHops, preferredSource }: RouteFacts): WantedRoute {
  const ways = nextHops.map(({ ifindex = 0, gateway, weight }) => ({ ifindex, gateway, isOnLink: false, weight }));
  return { family, table, destination, metric, preferredSource, ways: type === "unicast" ? ways : [] };
}

function ruleChanges(wanted: readonly WantedRule[], present: readonly RuleFacts[]): readonly RuleChange[] {
  const surplus = Map.groupBy(present.filter(isOwn), textOf);
  const changes: RuleChange[] = [];
  for (const rule of wanted) {
    if (surplus.get(textOf(rule))?.shift() === undefined) changes.push({ kind: "add-rule", rule });
  }
  return [...changes, ...[...surplus.values()].flat().map((rule): RuleChange => ({ kind: "remove-rule", rule }))];
}

/** All that tells one rule from another. */
function textOf({ family, priority, table, source, destination, mark, suppressPrefixLength }: WantedRule): string {
  const from = source === undefined ? "all" : formatPrefix(source);
  const marked = mark === undefined ? "" : `${mark.value}/${mark.mask}`;
  const to = destination === undefined ? "all" : formatPrefix(destination);
  return `${family} ${priority} ${table} ${from} ${to} ${marked} ${suppressPrefixLength ?? ""}`;
}
