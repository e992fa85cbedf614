/** The kernel's policy routing in memory: the routes and rules of everybody, what a write does to them, and what a packet finds. */
import { type Family, formatPrefix, type IpAddress, prefixContains } from "@ropewalk/kernel/addresses";
import { Listeners } from "@ropewalk/kernel/listeners";
import { routingProtocol } from "../allocations.ts";
import type { RouteFacts, RuleFacts } from "../facts.ts";
import type { RoutingWriter, RuleWatch, WriteResult } from "../ports.ts";
import { mainTable, type PresentRouting, type RoutingChange, type WantedRoute, type WantedRule } from "../routing.ts";

/** A packet that looks for its way, as far as its socket or its sender has decided. */
export interface Traveller {
  readonly family: Family;
  readonly destination: IpAddress;
  readonly source?: IpAddress;
  readonly mark?: number;
}

const mainPriority = 32_766;
const EEXIST = 17;

/** Writer, watch of rules and watch of routes in one; listeners are called before a method returns. */
export class FakeRouting implements RoutingWriter, RuleWatch {
  #routes: readonly RouteFacts[];
  #rules: readonly RuleFacts[];
  readonly #listeners = new Listeners<[]>();
  /** What `perform` answers instead of doing anything. */
  refusal: WriteResult | undefined;
  /** Interfaces whose routes are passed over (ignore_routes_with_linkdown). */
  readonly withoutCarrier: Set<number> = new Set();

  constructor({ routes, rules }: PresentRouting = { routes: [], rules: [] }) {
    this.#routes = routes;
    this.#rules = rules;
  }

  get present(): PresentRouting {
    return { routes: this.#routes, rules: this.#rules };
  }

  get facts(): { readonly routes: readonly RouteFacts[] } {
    return { routes: this.#routes };
  }

  get rules(): readonly RuleFacts[] {
    return this.#rules;
  }

  subscribe(listener: () => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** There is nothing that waits. */
  catchUp(): void {}

  /** Somebody else changes routes and rules. */
  interfere(change: (present: PresentRouting) => PresentRouting): void {
    const { routes, rules } = change(this.present);
    this.#routes = routes;
    this.#rules = rules;
    this.#listeners.emit();
  }

  perform(change: RoutingChange): WriteResult {
    if (this.refusal !== undefined) return this.refusal;
    const result = this.#apply(change);
    if (result.kind === "done") this.#listeners.emit();
    return result;
  }

  #apply(change: RoutingChange): WriteResult {
    switch (change.kind) {
      case "add-route":
        if (this.#routes.some((one) => isInPlace(one, change.route))) {
          return { kind: "refused", errno: EEXIST, text: undefined };
        }
        this.#routes = [...this.#routes, routeFacts(change.route)];
        return { kind: "done" };
      case "replace-route": {
        const index = this.#routes.findIndex((one) => isInPlace(one, change.route));
        const route = routeFacts(change.route);
        this.#routes = index < 0 ? [...this.#routes, route] : this.#routes.with(index, route);
        return { kind: "done" };
      }
      case "remove-route": {
        const ifindex = change.route.ways[0]?.ifindex;
        const isIt = (one: RouteFacts) =>
          isInPlace(one, change.route) && one.protocol === routingProtocol && one.nextHops[0]?.ifindex === ifindex;
        return this.#removeRoute(this.#routes.findIndex(isIt));
      }
      case "add-rule":
        if (this.#rules.some((one) => isSameRule(one, change.rule))) return { kind: "unchanged" };
        this.#rules = [...this.#rules, ruleFacts(change.rule)];
        return { kind: "done" };
      case "remove-rule": {
        const index = this.#rules.findIndex((one) => isSameRule(one, change.rule));
        if (index < 0) return { kind: "unchanged" };
        this.#rules = this.#rules.toSpliced(index, 1);
        return { kind: "done" };
      }
    }
  }

  [Symbol.dispose](): void {}

  #removeRoute(index: number): WriteResult {
    if (index < 0) return { kind: "unchanged" };
    this.#routes = this.#routes.toSpliced(index, 1);
    return { kind: "done" };
  }

  /** The route that the packet takes; undefined when there is none. */
  lookup(traveller: Traveller): RouteFacts | undefined {
    const main: Pick<RuleFacts, "priority" | "table" | "suppressPrefixLength"> = {
      priority: mainPriority,
      table: mainTable,
      suppressPrefixLength: undefined,
    };
    const asked = [...this.#rules.filter((rule) => concerns(rule, traveller)), main];
    for (const { table, suppressPrefixLength = -1 } of asked.toSorted((a, b) => a.priority - b.priority)) {
      const found = this.#best(traveller, table);
      if (found !== undefined && found.destination.length > suppressPrefixLength) return found;
    }
    return undefined;
  }

  #best({ family, destination }: Traveller, table: number): RouteFacts | undefined {
    const candidates = this.#routes.filter(
      (route) =>
        route.family === family &&
        route.table === table &&
        prefixContains(route.destination, destination) &&
        !route.nextHops.every(({ ifindex = 0 }) => this.withoutCarrier.has(ifindex)),
    );
    return candidates.toSorted((a, b) => b.destination.length - a.destination.length || a.metric - b.metric)[0];
  }
}

function concerns({ family, source, destination, mark }: RuleFacts, traveller: Traveller): boolean {
  if (family !== traveller.family) return false;
  if (destination !== undefined && !prefixContains(destination, traveller.destination)) return false;
  if (source !== undefined && (traveller.source === undefined || !prefixContains(source, traveller.source)))
    return false;
  return mark === undefined || ((traveller.mark ?? 0) & mark.mask) === mark.value;
}

function isInPlace(one: RouteFacts, { family, table, destination, metric }: WantedRoute): boolean {
  const isSamePlace = one.family === family && one.table === table && one.metric === metric;
  return isSamePlace && formatPrefix(one.destination) === formatPrefix(destination);
}

const nowhere = { ifindex: undefined, gateway: undefined, weight: 1, isDead: false };

function routeFacts({ ways, ...route }: WantedRoute): RouteFacts {
  const type = ways.length > 0 ? "unicast" : "unreachable";
  const hops = ways.map(({ ifindex, gateway, weight }) => ({ ifindex, gateway, weight, isDead: false }));
  const nextHops = ways.length > 0 ? hops : [nowhere];
  return { ...route, type, protocol: routingProtocol, nextHops, nextHopId: undefined };
}

function ruleFacts(rule: WantedRule): RuleFacts {
  const { family, priority, table, source, destination, mark, suppressPrefixLength } = rule;
  const matches = { source, destination, mark, inputInterface: undefined, outputInterface: undefined };
  return { family, priority, table, protocol: routingProtocol, suppressPrefixLength, ...matches };
}

function isSameRule(one: RuleFacts, rule: WantedRule): boolean {
  return one.protocol === routingProtocol && textOf(one) === textOf(rule);
}

function textOf({ family, priority, table, source, destination, mark, suppressPrefixLength }: WantedRule): string {
  return JSON.stringify([family, priority, table, source, destination, mark, suppressPrefixLength]);
}
