/** Whatever the kernel has and whatever is wanted: what is ours ends as wanted, nothing else is touched, and no step opens a hole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { routingProtocol } from "@ropewalk/host/allocations";
import type { RouteFacts, RuleFacts } from "@ropewalk/host/facts";
import { FakeRouting } from "@ropewalk/host/fake/fake-routing";
import type { PresentRouting, RoutingChange, WantedRoute, WantedRouting, WantedRule } from "@ropewalk/host/routing";
import { changesTo } from "@ropewalk/host/routing-difference";
import { ipAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import fc from "fast-check";

const main = 254;
const everywhere = parsePrefix("0.0.0.0/0") as Prefix;
const sources = ["192.0.2.2/32", "198.51.100.2/32", "203.0.113.2/32"].map((text) => parsePrefix(text) as Prefix);

function route(table: number, metric: number, ifindex: number): WantedRoute {
  const way = { ifindex, gateway: ipAddress(`192.0.2.${ifindex}`), isOnLink: false, weight: 1 };
  return { family: "ipv4", table, destination: everywhere, metric, preferredSource: undefined, ways: [way] };
}

function rule(priority: number, source: Prefix | undefined, table: number): WantedRule {
  return {
    family: "ipv4",
    priority,
    table,
    source,
    destination: undefined,
    mark: undefined,
    suppressPrefixLength: undefined,
  };
}

function routeFacts({ ways, ...route }: WantedRoute, protocol: number): RouteFacts {
  const nextHops = ways.map(({ ifindex, gateway, weight }) => ({ ifindex, gateway, weight, isDead: false }));
  return { ...route, type: "unicast", protocol, nextHops, nextHopId: undefined };
}

function ruleFacts(rule: WantedRule, protocol: number): RuleFacts {
  return { ...rule, protocol, destination: undefined, inputInterface: undefined, outputInterface: undefined };
}

/** Every state that a kernel goes through, the first and the last among them. */
function statesOf(changes: readonly RoutingChange[], first: PresentRouting): readonly FakeRouting[] {
  const states = [new FakeRouting(first)];
  for (const change of changes) {
    const next = new FakeRouting(states.at(-1)?.present);
    if (change.kind === "replace-route")
      assert.ok(isOwnPlace(next.present, change.route), "somebody else's is replaced");
    assert.deepEqual(next.perform(change), { kind: "done" });
    states.push(next);
  }
  return states;
}

function isOwnPlace({ routes }: PresentRouting, { table, metric }: WantedRoute): boolean {
  return routes.find((one) => one.table === table && one.metric === metric)?.protocol === routingProtocol;
}

const elsewhere = ipAddress("203.0.113.99");

/** The interface by which a packet from `source` leaves. */
function wayOf(routing: FakeRouting, source?: Prefix): number | undefined {
  const from = source === undefined ? {} : { source: source.address };
  return routing.lookup({ family: "ipv4", destination: elsewhere, ...from })?.nextHops[0]?.ifindex;
}

const tableNumber = fc.constantFrom(100, 101, 102, main);
const wantedRoutes = fc.uniqueArray(
  fc.record({ table: tableNumber, metric: fc.constantFrom(10, 20, 21), ifindex: fc.integer({ min: 2, max: 4 }) }),
  { selector: ({ table, metric }) => `${table} ${metric}`, maxLength: 8 },
);
const wantedRules = fc.uniqueArray(
  fc.record({ source: fc.constantFrom(...sources), table: fc.constantFrom(100, 101, 102) }),
  {
    selector: ({ source, table }) => `${source.address} ${table}`,
    maxLength: 6,
  },
);
const wanted = fc.record({ routes: wantedRoutes, rules: wantedRules }).map(({ routes, rules }): WantedRouting => {
  return {
    routes: routes.map(({ table, metric, ifindex }) => route(table, metric, ifindex)),
    rules: rules.map(({ source, table }) => rule(10_001, source, table)),
  };
});
const foreign = fc.record({
  routes: fc.uniqueArray(fc.constantFrom(100, 200, 1_024), { maxLength: 3 }),
  rules: fc.uniqueArray(fc.constantFrom(5_210, 20_000), { maxLength: 2 }),
});

function presentOf(
  own: WantedRouting,
  others: { readonly routes: number[]; readonly rules: number[] },
): PresentRouting {
  return {
    routes: [
      ...own.routes.map((one) => routeFacts(one, routingProtocol)),
      ...others.routes.map((metric) => routeFacts(route(main, metric, 9), 16)),
    ],
    rules: [
      ...own.rules.map((one) => ruleFacts(one, routingProtocol)),
      ...others.rules.map((priority) => ruleFacts(rule(priority, undefined, 52), 0)),
    ],
  };
}

function isOwn({ protocol }: { readonly protocol: number }): boolean {
  return protocol === routingProtocol;
}

const asSet = (objects: readonly object[]) => new Set(objects.map((object) => JSON.stringify(object)));

test("what is ours ends as wanted, what is not stays, and then nothing is left to change", () => {
  fc.assert(
    fc.property(wanted, wanted, foreign, (before, target, others) => {
      const present = presentOf(before, others);
      const end = statesOf(changesTo(target, present), present).at(-1)?.present ?? present;
      assert.deepEqual(changesTo(target, end), []);
      assert.deepEqual(
        asSet(end.routes.filter(isOwn)),
        asSet(target.routes.map((one) => routeFacts(one, routingProtocol))),
      );
      assert.deepEqual(
        asSet(end.rules.filter(isOwn).map(asWanted)),
        asSet(target.rules.map((one) => asWanted(ruleFacts(one, routingProtocol)))),
      );
      const isForeign = (one: { readonly protocol: number }) => !isOwn(one);
      assert.deepEqual(end.routes.filter(isForeign), present.routes.filter(isForeign));
      assert.deepEqual(end.rules.filter(isForeign), present.rules.filter(isForeign));
    }),
  );
});

function asWanted({ priority, table, source }: RuleFacts): object {
  return { priority, table, source };
}

test("who finds a way before and after finds one at every step", () => {
  fc.assert(
    fc.property(wanted, wanted, foreign, (before, target, others) => {
      const first = presentOf(before, others);
      const changes = changesTo(target, first);
      const states = statesOf(changes, first);
      for (const source of [undefined, ...sources]) {
        const ways = states.map((state) => wayOf(state, source));
        if (ways[0] === undefined || ways.at(-1) === undefined) continue;
        assert.ok(!ways.includes(undefined), JSON.stringify({ changes, ways, source }));
      }
    }),
  );
});

test("ordinary traffic moves once at most, from the way it had to the way it is to have", () => {
  fc.assert(
    fc.property(wantedRoutes, wantedRoutes, foreign, (before, target, others) => {
      const [own, wish] = [before, target].map((routes): WantedRouting => {
        return { routes: routes.map(({ table, metric, ifindex }) => route(table, metric, ifindex)), rules: [] };
      });
      const first = presentOf(own ?? assert.fail(), { ...others, rules: [] });
      const ways = statesOf(changesTo(wish ?? assert.fail(), first), first).map((state) => wayOf(state));
      const moves = ways.filter((way, index) => index > 0 && way !== ways[index - 1]);
      assert.ok(moves.length <= 1, JSON.stringify(ways));
    }),
  );
});

test("a switch of the uplink that ordinary traffic takes is one step", () => {
  const before = { routes: [route(main, 10, 2), route(main, 20, 2), route(main, 21, 3)], rules: [] };
  const target = { routes: [route(main, 10, 3), route(main, 20, 2), route(main, 21, 3)], rules: [] };
  assert.deepEqual(changesTo(target, presentOf(before, { routes: [], rules: [] })), [
    { kind: "replace-route", route: route(main, 10, 3) },
  ]);
});

test("of several routes of ours in one place, which IPv6 allows, one is left", () => {
  const several = { routes: [route(main, 10, 2), route(main, 10, 3), route(main, 10, 4)], rules: [] };
  for (const ifindex of [3, 5]) {
    const target = { routes: [route(main, 10, ifindex)], rules: [] };
    const present = presentOf(several, { routes: [], rules: [] });
    const end = statesOf(changesTo(target, present), present).at(-1)?.present;
    assert.deepEqual(end?.routes, [routeFacts(route(main, 10, ifindex), routingProtocol)]);
  }
});
