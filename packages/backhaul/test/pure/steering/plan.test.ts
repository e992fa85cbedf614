/** What a plan does to packets, in a kernel in memory that may hold anything else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PlannedPath, planRouting } from "@ropewalk/backhaul/pure/steering/plan";
import { routingProtocol, routingTables, uplinkMark } from "@ropewalk/host/allocations";
import type { RouteFacts, RuleFacts } from "@ropewalk/host/facts";
import { FakeRouting } from "@ropewalk/host/fake/fake-routing";
import type { PresentRouting } from "@ropewalk/host/routing";
import { changesTo } from "@ropewalk/host/routing-difference";
import { type Family, type IpAddress, ipAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import fc from "fast-check";

const prefix = (text: string) => parsePrefix(text) as Prefix;
const nothing: PresentRouting = { routes: [], rules: [] };

function path(slot: number, family: Family = "ipv4", changes: Partial<PlannedPath> = {}): PlannedPath {
  const [own, gateway] =
    family === "ipv4"
      ? [prefix(`10.0.${slot}.2/24`), ipAddress(`10.0.${slot}.1`)]
      : [prefix(`2001:db8:${slot}::2/64`), ipAddress("fe80::1")];
  return {
    slot,
    family,
    ifindex: 10 + slot,
    source: own.address,
    gateway,
    addresses: [own],
    isLeased: false,
    weight: undefined,
    ...changes,
  };
}

const internet: Readonly<Record<Family, IpAddress>> = {
  ipv4: ipAddress("203.0.113.9"),
  ipv6: ipAddress("2001:db8:ffff::9"),
};

function foreignRoute(changes: Partial<RouteFacts>): RouteFacts {
  return {
    family: "ipv4",
    table: 254,
    destination: prefix("0.0.0.0/0"),
    type: "unicast",
    protocol: 16,
    metric: 0,
    preferredSource: undefined,
    nextHops: [{ ifindex: 99, gateway: ipAddress("10.9.9.1"), weight: 1, isDead: false }],
    nextHopId: undefined,
    ...changes,
  };
}

/** The kernel once the plan is in force. */
function kernelWith(paths: readonly PlannedPath[], foreign: PresentRouting = nothing): FakeRouting {
  const kernel = new FakeRouting(foreign);
  for (const change of changesTo(planRouting({ paths, present: kernel.present }), kernel.present)) {
    assert.deepEqual(kernel.perform(change), { kind: "done" }, JSON.stringify(change));
  }
  return kernel;
}

const out = (route: RouteFacts | undefined) => route?.nextHops[0]?.ifindex;

test("ordinary traffic takes the first path of its family, with the source that belongs to it", () => {
  const kernel = kernelWith([path(2), path(1), path(1, "ipv6"), path(2, "ipv6")]);
  const [v4, v6] = (["ipv4", "ipv6"] as const).map((family) =>
    kernel.lookup({ family, destination: internet[family] }),
  );
  assert.deepEqual([out(v4), v4?.preferredSource], [12, "10.0.2.2"]);
  assert.deepEqual([out(v6), v6?.preferredSource], [11, "2001:db8:1::2"]);
});

test("neighbours on the link of a leased path are reached by it, though the main table knows nothing of them", () => {
  const neighbour = { family: "ipv4", destination: ipAddress("10.0.1.77") } as const;
  assert.equal(out(kernelWith([path(2), path(1, "ipv4", { isLeased: true })]).lookup(neighbour)), 11);
  assert.equal(out(kernelWith([path(2), path(1)]).lookup(neighbour)), 12, "of others the main table tells");
});

test("those that share have one route before all others, each by its weight and with a source of its own", () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    const paths = [path(3, family, { weight: 10 }), path(2, family), path(1, family, { weight: 4 })];
    const kernel = kernelWith(paths);
    const shared = kernel.lookup({ family, destination: internet[family] });
    assert.deepEqual(
      shared?.nextHops.map(({ ifindex, weight }) => [ifindex, weight]),
      [
        [11, 4],
        [13, 10],
      ],
    );
    assert.equal(shared?.preferredSource, undefined);
    kernel.withoutCarrier.add(11).add(13);
    assert.equal(out(kernel.lookup({ family, destination: internet[family] })), 12, "the others stand behind");
  }
});

test("a way that is left alone with its weight is used as if nothing were shared", () => {
  const alone = planRouting({ paths: [path(1, "ipv4", { weight: 7 }), path(2)], present: nothing });
  assert.deepEqual(alone, planRouting({ paths: [path(1), path(2)], present: nothing }));
});

test("another weight replaces one route, and the order of the ways stays", () => {
  const kernel = kernelWith([path(1, "ipv4", { weight: 10 }), path(2, "ipv4", { weight: 4 }), path(3)]);
  const paths = [path(2, "ipv4", { weight: 10 }), path(1, "ipv4", { weight: 9 }), path(3)];
  const changes = changesTo(planRouting({ paths, present: kernel.present }), kernel.present);
  assert.deepEqual(
    changes.map((change) => [change.kind, "route" in change ? change.route.ways.map(({ weight }) => weight) : []]),
    [["replace-route", [9, 10]]],
  );
});

test("when its interface loses the carrier the kernel takes the next by itself", () => {
  const kernel = kernelWith([path(2), path(3), path(1)]);
  for (const [dead, next] of [
    [12, 13],
    [13, 11],
  ] as const) {
    kernel.withoutCarrier.add(dead);
    assert.equal(out(kernel.lookup({ family: "ipv4", destination: internet.ipv4 })), next);
  }
});

test("an uplink's own resolvers are asked by it or not at all, save by who has another uplink's source", () => {
  const server = ipAddress("198.51.100.53");
  const kernel = new FakeRouting();
  const resolvers = new Map([[11, [server]]]);
  const wanted = planRouting({ paths: [path(2), path(1)], resolvers, present: nothing });
  for (const change of changesTo(wanted, nothing)) kernel.perform(change);
  assert.equal(out(kernel.lookup({ family: "ipv4", destination: internet.ipv4 })), 12);
  assert.equal(out(kernel.lookup({ family: "ipv4", destination: server })), 11);
  assert.equal(out(kernel.lookup({ family: "ipv4", destination: server, source: path(2).source })), 12);
  kernel.withoutCarrier.add(11);
  assert.equal(kernel.lookup({ family: "ipv4", destination: server })?.type, "unreachable");
});

test("who is bound to an uplink without a carrier is told so, and leaves by no other", () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    const kernel = kernelWith([path(1, family), path(2, family)]);
    kernel.withoutCarrier.add(11);
    const { source } = path(1, family);
    for (const bound of [{ source }, { mark: uplinkMark(1) }]) {
      const found = kernel.lookup({ family, destination: internet[family], ...bound });
      assert.deepEqual([found?.type, out(found)], ["unreachable", undefined]);
    }
  }
});

test("who has an uplink's source or mark leaves by that uplink, whichever is in use", () => {
  const anyOrder = fc.shuffledSubarray([1, 2, 3, 4], { minLength: 1 });
  fc.assert(
    fc.property(anyOrder, fc.constantFrom<Family>("ipv4", "ipv6"), (slots, family) => {
      const paths = slots.map((slot) => path(slot, family));
      const kernel = kernelWith(paths, { routes: [foreignRoute({})], rules: [] });
      for (const { slot, source, ifindex } of paths) {
        const destination = internet[family];
        assert.equal(out(kernel.lookup({ family, destination, source })), ifindex);
        assert.equal(out(kernel.lookup({ family, destination, mark: uplinkMark(slot) })), ifindex);
      }
    }),
  );
});

test("a default route of somebody else gives way, whatever its metric; his other routes do not", () => {
  const lan = foreignRoute({ destination: prefix("192.168.7.0/24"), metric: 500 });
  const kernel = kernelWith([path(1)], { routes: [foreignRoute({}), lan], rules: [] });
  assert.equal(out(kernel.lookup({ family: "ipv4", destination: internet.ipv4 })), 11);
  const inLan = ipAddress("192.168.7.7");
  assert.equal(out(kernel.lookup({ family: "ipv4", destination: inLan })), 99);
  assert.equal(out(kernel.lookup({ family: "ipv4", destination: inLan, source: path(1).source })), 99);
  assert.equal(
    out(kernel.lookup({ family: "ipv4", destination: inLan, mark: uplinkMark(1) })),
    11,
    "a probe stays on its uplink",
  );
});

test("what is marked reaches a neighbour on the uplink's own link without the gateway", () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    const kernel = kernelWith([path(1, family), path(2, family)]);
    const neighbour = ipAddress(family === "ipv4" ? "10.0.2.77" : "2001:db8:2::77");
    const found = kernel.lookup({ family, destination: neighbour, mark: uplinkMark(2) });
    assert.deepEqual([out(found), found?.nextHops[0]?.gateway], [12, undefined]);
  }
});

test("a table with somebody's routes is not used, and the others keep theirs", () => {
  const own = planRouting({ paths: [path(1), path(2), path(3)], present: nothing });
  const taken = foreignRoute({ table: 101 });
  const moved = planRouting({ paths: [path(1), path(2), path(3)], present: { routes: [taken], rules: [] } });
  const tableOf = (plan: typeof own, ifindex: number) =>
    plan.routes.find((route) => route.ways[0]?.ifindex === ifindex && route.table !== routingTables.last)?.table;
  assert.deepEqual(
    [11, 12, 13].map((ifindex) => tableOf(own, ifindex)),
    [100, 101, 102],
  );
  assert.deepEqual(
    [11, 12, 13].map((ifindex) => tableOf(moved, ifindex)),
    [100, 103, 102],
  );
  const ours = { ...taken, protocol: routingProtocol };
  assert.deepEqual(
    planRouting({ paths: [path(1)], present: { routes: [ours], rules: [] } }),
    planRouting({ paths: [path(1)], present: nothing }),
  );
});

test("a table to which somebody's rule leads is his too, though it is empty", () => {
  const rule: RuleFacts = {
    ...{ family: "ipv6", priority: 500, table: 200, protocol: 3, source: undefined, destination: undefined },
    ...{ mark: undefined, inputInterface: undefined, outputInterface: undefined, suppressPrefixLength: undefined },
  };
  const { routes } = planRouting({ paths: [path(1)], present: { routes: [], rules: [rule] } });
  assert.deepEqual([...new Set(routes.map(({ table }) => table))].toSorted(), [100, 199]);
});

test("two uplinks with one subnet are told apart by their addresses", () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    const [a, b] = family === "ipv4" ? ["10.0.0.2/24", "10.0.0.3/24"] : ["2001:db8::2/64", "2001:db8::3/64"];
    const paths = [a, b].map((text, index) => {
      const own = prefix(text ?? "");
      return path(index + 1, family, { source: own.address, addresses: [own] });
    });
    const kernel = kernelWith(paths);
    for (const { source, ifindex } of paths) {
      assert.equal(out(kernel.lookup({ family, destination: internet[family], source })), ifindex);
    }
  }
});

test("a temporary address of an IPv6 prefix leaves as its prefix does, a link's own address has no rule", () => {
  const own = [prefix("2001:db8:1::2/64"), prefix("fe80::2/64")];
  const kernel = kernelWith([path(2, "ipv6"), path(1, "ipv6", { addresses: own })]);
  const source = ipAddress("2001:db8:1::aaaa");
  assert.equal(out(kernel.lookup({ family: "ipv6", destination: internet.ipv6, source })), 11);
  assert.ok(!kernel.present.rules.some((rule) => rule.source?.address.startsWith("fe80") === true));
});

test("a gateway outside the prefixes is said to be on the link, one inside or of the link itself is not", () => {
  const isOnLink = (gateway: string | null, family: Family = "ipv4") => {
    const paths = [path(1, family, { gateway: gateway === null ? null : ipAddress(gateway) })];
    return planRouting({ paths, present: nothing }).routes.find(({ destination }) => destination.length === 0)?.ways[0]
      ?.isOnLink;
  };
  assert.deepEqual([isOnLink("10.0.1.1"), isOnLink("192.0.2.1"), isOnLink(null)], [false, true, false]);
  const inside = ["fe80::1", "2001:db8:1::1"].map((gateway) => isOnLink(gateway, "ipv6"));
  assert.deepEqual(inside, [false, true], "IPv6 would not take it while the link has no carrier");
});

test("without a path nothing is wanted, and what was ours goes", () => {
  assert.deepEqual(planRouting({ paths: [], present: nothing }), { routes: [], rules: [] });
});

test("more uplinks than there are tables leave the last ones out, and nothing else", () => {
  const paths = Array.from({ length: 120 }, (_, index) => path(index + 1));
  const { routes } = planRouting({ paths, present: nothing });
  const tables = new Set(routes.map(({ table }) => table));
  assert.deepEqual([Math.min(...tables), Math.max(...tables), tables.size], [100, 200, 101]);
});
