/**
 * What must change for the kernel to have the wanted routes and rules, in an order in which no packet ever finds less than it
 * found before or will find after. Only what bears our protocol number is ever replaced or removed.
 */
import { formatPrefix } from "@ropewalk/kernel/addresses";
import { routingProtocol } from "../allocations.ts";
import type { RouteFacts, RuleFacts } from "../facts.ts";
import type { PresentRouting, RoutingChange, WantedRoute, WantedRouting, WantedRule } from "../routing.ts";

const mainTable = 254;

/**
 * Tables are filled before rules lead there, and emptied when none does any more. What takes ordinary traffic, the main table,
 * changes in between, when the source that its packets will have is already routed.
 */
export function changesTo(wanted: WantedRouting, present: PresentRouting): readonly RoutingChange[] {
  const routes = routeChanges(wanted.routes, present.routes);
  const rules = ruleChanges(wanted.rules, present.rules);
  const inMain = ({ table }: WantedRoute) => table === mainTable;
  // What goes before others comes first and goes last, so that traffic moves once at most.
  const making = routes.filter(({ kind }) => kind !== "remove-route").toSorted(byMetric);
  const removing = routes.filter(({ kind }) => kind === "remove-route").toSorted((a, b) => byMetric(b, a));
  return [
    ...making.filter(({ route }) => !inMain(route)),
    ...rules.filter(({ kind }) => kind === "add-rule").toSorted((a, b) => a.rule.priority - b.rule.priority),
    ...making.filter(({ route }) => inMain(route)),
    ...rules.filter(({ kind }) => kind === "remove-rule").toSorted((a, b) => b.rule.priority - a.rule.priority),
    ...removing.filter(({ route }) => inMain(route)),
    ...removing.filter(({ route }) => !inMain(route)),
  ];
}

type RouteChange = Extract<RoutingChange, { readonly route: WantedRoute }>;
type RuleChange = Extract<RoutingChange, { readonly rule: WantedRule }>;

function byMetric(a: RouteChange, b: RouteChange): number {
  return a.route.metric - b.route.metric;
}

function routeChanges(wanted: readonly WantedRoute[], present: readonly RouteFacts[]): readonly RouteChange[] {
  const own = new Map<string, WantedRoute[]>();
  for (const route of present) {
    if (route.protocol !== routingProtocol) continue;
    const found = asWanted(route);
    own.set(placeOf(found), [...(own.get(placeOf(found)) ?? []), found]);
  }
  const changes: RouteChange[] = [];
  for (const route of wanted) {
    const place = placeOf(route);
    const there = own.get(place) ?? [];
    own.delete(place);
    const same = there.find((one) => hasSameWay(one, route));
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

function hasSameWay({ way: a }: WantedRoute, { way: b }: WantedRoute): boolean {
  return a.ifindex === b.ifindex && a.gateway === b.gateway && a.preferredSource === b.preferredSource;
}

function asWanted({ family, table, destination, metric, nextHops, preferredSource }: RouteFacts): WantedRoute {
  const [{ ifindex = 0, gateway } = { gateway: undefined }] = nextHops;
  return { family, table, destination, metric, way: { ifindex, gateway, isOnLink: false, preferredSource } };
}

function ruleChanges(wanted: readonly WantedRule[], present: readonly RuleFacts[]): readonly RuleChange[] {
  const own = present.filter(({ protocol }) => protocol === routingProtocol);
  const surplus = [...own];
  const changes: RuleChange[] = [];
  for (const rule of wanted) {
    const index = surplus.findIndex((one) => textOf(one) === textOf(rule));
    if (index < 0) changes.push({ kind: "add-rule", rule });
    else surplus.splice(index, 1);
  }
  return [...changes, ...surplus.map((rule): RuleChange => ({ kind: "remove-rule", rule }))];
}

/** All that tells one rule from another. */
function textOf({ family, priority, table, source, mark, suppressPrefixLength }: WantedRule): string {
  const from = source === undefined ? "all" : formatPrefix(source);
  const marked = mark === undefined ? "" : `${mark.value}/${mark.mask}`;
  return `${family} ${priority} ${table} ${from} ${marked} ${suppressPrefixLength ?? ""}`;
}
