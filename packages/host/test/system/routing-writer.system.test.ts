/** Our writes against a second implementation: what iproute2 then says of the namespace, and what it says is not ours. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { routingProtocol, rulePriorities } from "@ropewalk/host/allocations";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createRoutingWriter } from "@ropewalk/host/linux/routing-writer";
import type { PresentRouting, RoutingChange, WantedRoute, WantedRouting, WantedRule } from "@ropewalk/host/routing";
import { changesTo } from "@ropewalk/host/routing-difference";
import { type Family, type IpAddress, ipAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipLinks, ipRoutes, ipRules } from "./ip-facts.ts";
import { ipBatch, linkLocals } from "./namespace-world.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;
const everywhere: Readonly<Record<Family, Prefix>> = { ipv4: prefix("0.0.0.0/0"), ipv6: prefix("::/0") };
const ends: Readonly<Record<Family, readonly { readonly source: IpAddress; readonly gateway: IpAddress }[]>> = {
  ipv4: [
    { source: ipAddress("192.0.2.2"), gateway: ipAddress("192.0.2.1") },
    { source: ipAddress("198.51.100.2"), gateway: ipAddress("198.51.100.1") },
  ],
  ipv6: [
    { source: ipAddress("2001:db8:a::2"), gateway: ipAddress("fe80::1") },
    { source: ipAddress("2001:db8:b::2"), gateway: ipAddress("fe80::1") },
  ],
};
const families = ["ipv4", "ipv6"] as const;

function build(): readonly number[] {
  ipBatch(
    [0, 1].flatMap((index) => [
      `link add wan${index} type veth peer name isp${index}`,
      `link set isp${index} up`,
      `link set wan${index} up`,
      `addr add ${ends.ipv4[index]?.source}/24 dev wan${index}`,
      `addr add ${ends.ipv6[index]?.source}/64 dev wan${index} nodad`,
    ]),
  );
  return ["wan0", "wan1"].map((name) => ipLinks().find((link) => link.name === name)?.ifindex ?? 0);
}

function present(): PresentRouting {
  const indexOf = new Map(ipLinks().map(({ name, ifindex }) => [name, ifindex]));
  return { routes: ipRoutes(indexOf), rules: ipRules() };
}

function ours({ routes, rules }: PresentRouting): PresentRouting {
  const isOwn = ({ protocol }: { readonly protocol: number }) => protocol === routingProtocol;
  return { routes: routes.filter(isOwn), rules: rules.filter(isOwn) };
}

function others({ routes, rules }: PresentRouting): PresentRouting {
  const isForeign = ({ protocol }: { readonly protocol: number }) => protocol !== routingProtocol;
  return { routes: routes.filter(isForeign), rules: rules.filter(isForeign) };
}

function wanted(ifindexes: readonly number[], chosen: number): WantedRouting {
  const routes: WantedRoute[] = [];
  const rules: WantedRule[] = [];
  for (const family of families) {
    for (const [index, ifindex] of ifindexes.entries()) {
      const { source, gateway } = ends[family][index] ?? assert.fail();
      const ways = [{ ifindex, gateway, isOnLink: false, weight: 1 }];
      const preferredSource = source;
      const destination = everywhere[family];
      const table = 100 + index;
      routes.push({ family, table, destination, metric: 10, preferredSource, ways });
      routes.push({ family, table: 254, destination, metric: 20 + index, preferredSource, ways });
      if (index === chosen) routes.push({ family, table: 254, destination, metric: 10, preferredSource, ways });
      const from = { address: source, length: family === "ipv4" ? 32 : 128 };
      const none = { source: undefined, destination: undefined, mark: undefined, suppressPrefixLength: undefined };
      rules.push({ ...none, family, priority: 1_000, table, mark: { value: (index + 1) << 8, mask: 0xff00 } });
      rules.push({ ...none, family, priority: 10_000, table: 254, source: from, suppressPrefixLength: 0 });
      rules.push({ ...none, family, priority: 10_001, table, source: from });
    }
  }
  return { routes, rules };
}

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();

  test("what is wanted is what iproute2 then shows, changes as it does, and goes without a trace", async () => {
    const ifindexes = build();
    await linkLocals(["wan0", "isp0", "wan1", "isp1"]);
    const untouched = present();
    using writer = createRoutingWriter(native);
    const perform = (changes: readonly RoutingChange[]) => {
      for (const change of changes) assert.deepEqual(writer.perform(change), { kind: "done" }, JSON.stringify(change));
    };
    perform(changesTo(wanted(ifindexes, 0), present()));
    assert.equal(ours(present()).routes.length, 10);
    assert.equal(ours(present()).rules.length, 12);
    assert.deepEqual(changesTo(wanted(ifindexes, 0), present()), []);
    assert.deepEqual(createNetworkReader(native).rules().toSorted(byText), present().rules.toSorted(byText));

    assert.match(ip("route", "get", "203.0.113.9"), /via 192\.0\.2\.1 dev wan0 src 192\.0\.2\.2/);
    const switching = changesTo(wanted(ifindexes, 1), present());
    assert.deepEqual(
      switching.map(({ kind }) => kind),
      ["replace-route", "replace-route"],
    );
    perform(switching);
    assert.match(ip("route", "get", "203.0.113.9"), /via 198\.51\.100\.1 dev wan1 src 198\.51\.100\.2/);
    assert.match(ip("route", "get", "203.0.113.9", "from", "192.0.2.2"), /via 192\.0\.2\.1 dev wan0/);
    assert.match(ip("route", "get", "203.0.113.9", "mark", "0x100"), /via 192\.0\.2\.1 dev wan0/);
    assert.match(ip("-6", "route", "get", "2001:db8:80::9"), /via fe80::1 dev wan1 .*src 2001:db8:b::2/);
    assert.match(ip("-6", "route", "get", "2001:db8:80::9", "from", "2001:db8:a::2"), /dev wan0/);
    assert.deepEqual(changesTo(wanted(ifindexes, 1), present()), []);
    assert.deepEqual(others(present()), untouched);

    perform(changesTo({ routes: [], rules: [] }, present()));
    assert.deepEqual(present(), untouched);
  });

  test("what is done already is told apart from what the kernel refuses, and somebody else's place is not taken", () => {
    const [ifindex = 0] = ["wan0"].map((name) => ipLinks().find((link) => link.name === name)?.ifindex ?? 0);
    using writer = createRoutingWriter(native);
    for (const family of families) {
      const { source, gateway } = ends[family][0] ?? assert.fail();
      const ways = [{ ifindex, gateway, isOnLink: false, weight: 1 }];
      const preferredSource = source;
      const route: WantedRoute = {
        family,
        table: 254,
        destination: everywhere[family],
        metric: 77,
        preferredSource,
        ways,
      };
      const rule: WantedRule = {
        family,
        priority: 9_000,
        table: 100,
        source: undefined,
        destination: undefined,
        mark: undefined,
        suppressPrefixLength: undefined,
      };
      assert.deepEqual(writer.perform({ kind: "add-rule", rule }), { kind: "done" });
      assert.deepEqual(writer.perform({ kind: "add-rule", rule }), { kind: "unchanged" });
      assert.deepEqual(writer.perform({ kind: "remove-rule", rule }), { kind: "done" });
      assert.deepEqual(writer.perform({ kind: "remove-rule", rule }), { kind: "unchanged" });
      assert.deepEqual(writer.perform({ kind: "remove-route", route }), { kind: "unchanged" });
      ip(family === "ipv4" ? "-4" : "-6", "route", "add", "default", "via", gateway, "dev", "wan0", "metric", "77");
      const result = writer.perform({ kind: "add-route", route });
      assert.equal(result.kind === "refused" && result.errno, 17);
      assert.deepEqual(
        writer.perform({ kind: "remove-route", route }),
        { kind: "unchanged" },
        "it bears another protocol",
      );
      const nowhere = { ...route, metric: 78, ways: ways.map((way) => ({ ...way, ifindex: 4_000 })) };
      assert.equal(writer.perform({ kind: "add-route", route: nowhere }).kind, "refused");
    }
    ip("-4", "route", "del", "default", "metric", "77");
    ip("-6", "route", "del", "default", "metric", "77");
  });

  test("a route without ways refuses, one with several shares out by weight, and each is what it was wanted to be", () => {
    const ifindexes = ["wan0", "wan1"].map((name) => ipLinks().find((link) => link.name === name)?.ifindex ?? 0);
    using writer = createRoutingWriter(native);
    for (const family of families) {
      const place = { family, table: 100, destination: everywhere[family], preferredSource: undefined } as const;
      const ways = ifindexes.map((ifindex, index) => {
        return { ifindex, gateway: ends[family][index]?.gateway, isOnLink: false, weight: index === 0 ? 3 : 1 };
      });
      const shared: WantedRoute = { ...place, metric: 5, ways };
      const end: WantedRoute = { ...place, metric: 0xffff_ffff, ways: [] };
      const both = { routes: [shared, end], rules: [] };
      for (const change of changesTo(both, ours(present()))) assert.deepEqual(writer.perform(change), { kind: "done" });
      assert.deepEqual(changesTo(both, present()), [], "nothing is left to do");
      const lighter = { routes: [{ ...shared, ways: ways.map((way) => ({ ...way, weight: 2 })) }, end], rules: [] };
      const changes = changesTo(lighter, present());
      assert.deepEqual(
        changes.map(({ kind }) => kind),
        ["replace-route"],
      );
      for (const change of changes) assert.deepEqual(writer.perform(change), { kind: "done" });
      assert.deepEqual(changesTo(lighter, present()), []);
      assert.deepEqual(
        changesTo({ routes: [end], rules: [] }, present()).map((change) => writer.perform(change).kind),
        ["done"],
      );
      for (const change of changesTo({ routes: [], rules: [] }, present())) writer.perform(change);
      assert.deepEqual(ours(present()).routes, []);
    }
  });

  test("ordinary traffic's rule is asked after those of a wg-quick that was there before, also when it was made anew", () => {
    using writer = createRoutingWriter(native);
    const none = { source: undefined, destination: undefined, mark: undefined };
    const { ordinarySpecific, ordinary } = rulePriorities;
    const family = "ipv4";
    const specific = { ...none, family, priority: ordinarySpecific, table: 254, suppressPrefixLength: 0 } as const;
    const rest = { ...none, family, priority: ordinary, table: 200, suppressPrefixLength: undefined } as const;
    // Without a priority the kernel gives each the one before the lowest; so wg-quick(8) makes its two.
    ip("rule", "add", "not", "fwmark", "51820", "table", "51820");
    ip("rule", "add", "table", "main", "suppress_prefixlength", "0");
    for (const kind of ["add-rule", "remove-rule", "add-rule"] as const) {
      for (const rule of [specific, rest]) assert.deepEqual(writer.perform({ kind, rule }), { kind: "done" });
    }
    const tables = ipRules().filter((rule) => rule.family === family && rule.priority === ordinary);
    assert.deepEqual(
      tables.map(({ table }) => table),
      [51_820, 200],
    );
    for (const rule of [specific, rest]) writer.perform({ kind: "remove-rule", rule });
    ip("rule", "del", "not", "fwmark", "51820", "table", "51820");
    ip("rule", "del", "table", "main", "suppress_prefixlength", "0");
  });

  test("a gateway outside the link's prefixes is a neighbour when that is said, and refused else", () => {
    const ifindex = ipLinks().find(({ name }) => name === "wan0")?.ifindex ?? 0;
    using writer = createRoutingWriter(native);
    const way = { ifindex, gateway: ipAddress("203.0.113.1"), isOnLink: false, weight: 1 };
    const route: WantedRoute = {
      family: "ipv4",
      table: 100,
      destination: everywhere.ipv4,
      metric: 5,
      preferredSource: undefined,
      ways: [way],
    };
    const refused = writer.perform({ kind: "add-route", route });
    assert.ok(refused.kind === "refused" && refused.text !== undefined, JSON.stringify(refused));
    const onLink = { ...route, ways: [{ ...way, isOnLink: true }] };
    assert.deepEqual(writer.perform({ kind: "add-route", route: onLink }), { kind: "done" });
    assert.deepEqual(writer.perform({ kind: "remove-route", route: onLink }), { kind: "done" });
    const alone = { ...route, ways: [{ ...way, gateway: undefined }] };
    assert.deepEqual(writer.perform({ kind: "add-route", route: alone }), { kind: "done" });
    assert.deepEqual(writer.perform({ kind: "remove-route", route: alone }), { kind: "done" });
  });
});

function ip(...words: readonly string[]): string {
  return execFileSync("ip", words, { encoding: "utf8" });
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
