/** What sources may reach: services, what is listed, and nothing that only looks like it. */
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import { familyOf, type IpAddress, ipAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { type Host, parseHost } from "@ropewalk/kernel/host-port";
import { unmappedNetwork } from "@ropewalk/kernel/mapped-addresses";
import { innerRangeOf } from "@ropewalk/tunnel/pure/address-ranges";
import type { AllowedTarget } from "@ropewalk/tunnel/pure/allow-list";
import { authorizeOpen, judgeAddresses, type OpenVerdict } from "@ropewalk/tunnel/pure/authorize-open";
import type { OpenRequest } from "@ropewalk/tunnel/pure/open-request";
import type { Service } from "@ropewalk/tunnel/pure/services";
import fc from "fast-check";

const host = (text: string) => parseHost(text) as Host;
const everyPort = [{ first: 1, last: 65_535 }];

function entry(written: { host?: string; cidr?: string; ports?: AllowedTarget["ports"] }): AllowedTarget {
  const network = parsePrefix(written.cidr ?? "");
  return { host: written.host, networks: network === undefined ? [] : [network], ports: written.ports ?? everyPort };
}

function service(name: string, target: string, port?: number): Service {
  return { name, port, target: { host: host(target), port: 5432 }, maxConnections: 1 };
}

const target = (text: string, port = 443): OpenRequest => ({ kind: "target", host: host(text), port });

/** The addresses that a connection may go to, when names resolve to `resolved`. */
function reached(verdict: OpenVerdict, resolved: readonly string[] = []): readonly string[] {
  if (verdict.kind === "refused") return [];
  return verdict.way.kind === "addresses"
    ? verdict.way.addresses
    : judgeAddresses(resolved.map(ipAddress), verdict.way.entries);
}

const reaches = (allowed: readonly AllowedTarget[], request: OpenRequest, ...resolved: readonly string[]) =>
  reached(authorizeOpen(request, { services: [], allowed }), resolved);

test("a service is found by its name and by its port, and goes wherever the operator has said", () => {
  const services = [
    service("db", "10.0.0.5", 5432),
    service("cloud", "169.254.169.254"),
    service("wiki", "wiki.lan.example", 80),
  ];
  const rules = { services, allowed: [] };
  assert.deepEqual(reached(authorizeOpen({ kind: "service", name: "db" }, rules)), ["10.0.0.5"]);
  assert.deepEqual(reached(authorizeOpen({ kind: "port", port: 5432 }, rules)), ["10.0.0.5"]);
  assert.deepEqual(reached(authorizeOpen({ kind: "service", name: "cloud" }, rules)), ["169.254.169.254"]);
  const wiki = authorizeOpen({ kind: "port", port: 80 }, rules);
  assert(wiki.kind === "allowed" && wiki.service?.name === "wiki");
  assert.deepEqual(reached(wiki, ["192.168.1.1", "::1"]), ["192.168.1.1", "::1"]);
});

test("what no service has and no entry lists is refused by name, and no name is looked up for it", () => {
  const rules = { services: [service("db", "10.0.0.5", 5432)], allowed: [] };
  const refusals: readonly (readonly [request: OpenRequest, reason: string, detail: RegExp])[] = [
    [{ kind: "service", name: "wiki" }, "unknown-service", /no service wiki/],
    [{ kind: "port", port: 22 }, "unknown-service", /no service has port 22/],
    [target("10.0.0.5", 5432), "not-allowed", /10\.0\.0\.5 \(private\)/],
    [target("db.example"), "not-allowed", /no entry lists db\.example:443/],
  ];
  for (const [request, reason, detail] of refusals) {
    const verdict = authorizeOpen(request, rules);
    assert(verdict.kind === "refused");
    assert.equal(verdict.reason, reason);
    assert.match(verdict.detail, detail);
  }
});

test("a port that no service has is this host's own, where loopback is listed with it", () => {
  const listed = [entry({ cidr: "127.0.0.0/8", ports: [{ first: 22, last: 22 }] })];
  assert.deepEqual(reaches(listed, { kind: "port", port: 22 }), ["127.0.0.1"]);
  assert.deepEqual(reaches(listed, { kind: "port", port: 23 }), []);
  assert.deepEqual(
    reaches([entry({ cidr: "10.0.0.0/8" }), entry({ cidr: "0.0.0.0/0" })], { kind: "port", port: 22 }),
    [],
  );
});

test("localhost and all below it is this host, whatever a resolver would say", () => {
  for (const name of ["localhost", "a.localhost"]) {
    assert.deepEqual(reaches([entry({ cidr: "::1/128" })], target(name), "8.8.8.8"), ["::1"]);
    assert.deepEqual(reaches([entry({ host: name })], target(name), "8.8.8.8"), []);
  }
});

test("a name that is listed opens public addresses alone, with a cidr those in it alone", () => {
  const byName = [entry({ host: "db.example" })];
  assert.deepEqual(
    reaches(byName, target("db.example"), "8.8.8.8", "10.0.0.5", "127.0.0.1", "169.254.169.254", "2600::1"),
    ["8.8.8.8", "2600::1"],
  );
  const narrowed = [entry({ host: "db.example", cidr: "10.0.0.0/8" })];
  assert.deepEqual(reaches(narrowed, target("db.example"), "8.8.8.8", "10.0.0.5", "127.0.0.1"), ["10.0.0.5"]);
  assert.deepEqual(reaches(narrowed, target("10.0.0.5")), []);
  assert.deepEqual(reaches(narrowed, target("other.example"), "10.0.0.5"), []);
});

test("a star stands for one label or more, and never for the name behind it or a part of a label", () => {
  const starred = [entry({ host: "*.example" })];
  assert.deepEqual(reaches(starred, target("a.example"), "8.8.8.8"), ["8.8.8.8"]);
  assert.deepEqual(reaches(starred, target("b.a.example"), "8.8.8.8"), ["8.8.8.8"]);
  for (const name of ["example", "notexample", "example.org", "a.example.org"]) {
    assert.deepEqual(reaches(starred, target(name), "8.8.8.8"), [], name);
  }
});

test("a wide network lists no inner range, and a range no metadata within it", () => {
  const everything = [entry({ cidr: "0.0.0.0/0" }), entry({ cidr: "::/0" })];
  const inner = [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fd00::1",
    "fe80::1",
    "64:ff9b::10.0.0.1",
    "2002:a00:1::1",
  ];
  for (const address of inner) assert.deepEqual(reaches(everything, target(address)), [], address);
  for (const address of ["8.8.8.8", "2600::1", "64:ff9b::8.8.8.8"])
    assert.deepEqual(reaches(everything, target(address)), [host(address)]);
  const ranges = [entry({ cidr: "169.254.0.0/16" }), entry({ cidr: "100.64.0.0/10" }), entry({ cidr: "fc00::/7" })];
  for (const address of ["169.254.169.254", "100.100.100.200", "fd00:ec2::254"])
    assert.deepEqual(reaches(ranges, target(address)), [], address);
  for (const address of ["169.254.1.1", "100.64.0.1", "fd00::1"])
    assert.deepEqual(reaches(ranges, target(address)), [address]);
  assert.deepEqual(reaches([entry({ cidr: "169.254.169.254/32" })], target("169.254.169.254")), ["169.254.169.254"]);
  assert.deepEqual(reaches([entry({ cidr: "64:ff9b::a00:0/104" })], target("64:ff9b::10.0.0.1")), ["64:ff9b::a00:1"]);
  assert.deepEqual(reaches([entry({ cidr: "64:ff9b::/96" })], target("64:ff9b::10.0.0.1")), []);
});

test("ports are those that the entry lists, and no others", () => {
  const listed = [
    entry({
      cidr: "10.0.0.0/8",
      ports: [
        { first: 22, last: 22 },
        { first: 8000, last: 8100 },
      ],
    }),
  ];
  const open = [21, 22, 23, 7999, 8000, 8100, 8101].filter(
    (port) => reaches(listed, target("10.0.0.5", port)).length > 0,
  );
  assert.deepEqual(open, [22, 8000, 8100]);
});

const network: fc.Arbitrary<Prefix> = fc
  .oneof(fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })), fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })))
  .map(([address, length]) => unmappedNetwork({ address: ipAddress(address), length }));
const innerAddress = fc.constantFrom(
  "127.0.0.1",
  "10.1.2.3",
  "192.168.0.1",
  "169.254.169.254",
  "0.0.0.0",
  "::1",
  "fd00::1",
  "fe80::1",
  "224.0.0.1",
);

test("no inner address is reached through entries of which none lies within its range, in no spelling", () => {
  const spelled = (address: string) =>
    address.includes(":") ? [address] : [address, `::ffff:${address}`, `64:ff9b::${address}`, `::${address}`];
  fc.assert(
    fc.property(fc.array(network, { maxLength: 4 }), innerAddress, (networks, address) => {
      fc.pre(networks.every(({ length }) => length < 4));
      const allowed = [
        ...networks.map((one) => ({ host: undefined, networks: [one], ports: everyPort })),
        entry({ host: "*.example" }),
      ];
      for (const spelling of spelled(address)) {
        const canonical = host(spelling);
        assert.deepEqual(
          reached(authorizeOpen({ kind: "target", host: canonical, port: 80 }, { services: [], allowed })),
          [],
        );
        assert.deepEqual(reaches(allowed, target("rebound.example"), canonical as IpAddress), []);
      }
    }),
  );
});

test("an address is reached only where a network of its family that is listed holds it, which Node agrees to", () => {
  fc.assert(
    fc.property(fc.array(network, { maxLength: 6 }), fc.oneof(fc.ipV4(), fc.ipV6()), (networks, text) => {
      const address = host(text) as IpAddress;
      const list = new BlockList();
      // To Node ::/0 holds all of IPv4 too.
      for (const one of networks.filter((other) => familyOf(other.address) === familyOf(address))) {
        list.addSubnet(one.address, one.length, familyOf(address));
      }
      const allowed = networks.map((one) => ({ host: undefined, networks: [one], ports: everyPort }));
      const isListed = list.check(address, familyOf(address));
      const isReached = reaches(allowed, target(text)).length > 0;
      if (innerRangeOf(address) === undefined) assert.equal(isReached, isListed);
      else assert(isListed || !isReached);
    }),
    { numRuns: 500 },
  );
});
