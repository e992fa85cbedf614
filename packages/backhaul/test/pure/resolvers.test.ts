/** Whose word counts for an uplink's resolvers and cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UplinkSettings } from "@ropewalk/backhaul/pure/entries";
import type { ResolverFacts } from "@ropewalk/backhaul/pure/resolver-facts";
import {
  chooseMetered,
  chooseResolvers,
  hasLeaseGateway,
  type ResolverEvidence,
} from "@ropewalk/backhaul/pure/resolvers";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import { addressFacts } from "./facts-fixture.ts";

const server = (last: number) => [ipAddress(`192.0.2.${last}`)];
const silent: UplinkSettings = {
  role: "auto",
  label: undefined,
  metered: undefined,
  resolvers: undefined,
  profile: undefined,
  addresses: undefined,
};

const networkManager = { kind: "managed", servers: server(2), metered: true, isMeteredGuess: false } as const;
const networkd = {
  kind: "managed",
  servers: server(3),
  routers: server(1),
  networkFile: undefined,
  isAndroidMetered: true,
  file: "/run/systemd/netif/links/2",
} as const;
const lease = {
  kind: "lease",
  program: "dhclient",
  address: ipAddress("192.0.2.9"),
  servers: server(4),
  routers: server(1),
  expiresAt: undefined,
  isAndroidMetered: true,
  file: "/var/lib/dhcp/dhclient.leases",
} as const;
const resolvConf = { kind: "present", servers: server(6), isLoopback: false, file: "/etc/resolv.conf" } as const;

const everybody: ResolverFacts = { networkManager, networkd, lease, resolvConf };
const nobody: ResolverFacts = {
  networkManager: { kind: "absent", reason: "no bus" },
  networkd: { kind: "absent" },
  lease: { kind: "none", unreadable: [] },
  resolvConf: { kind: "absent" },
};

/** What the interface holds: the address that the lease gives. */
const held = [addressFacts("192.0.2.9/24")];

function resolversOf(facts: ResolverFacts | undefined, changes: Partial<ResolverEvidence> = {}) {
  const routerDns = [{ ifindex: 2, servers: server(5), expiresAt: millis(100) }];
  return chooseResolvers({
    settings: silent,
    facts,
    addresses: held,
    routerDns,
    ifindex: 2,
    isOnlyUplink: true,
    now: millis(0),
    ...changes,
  });
}

test("of several that name resolvers the first counts: config, NetworkManager, networkd, lease, router, resolv.conf", () => {
  const managerSilent = { ...everybody, networkManager: nobody.networkManager };
  const networkdSilent = { ...managerSilent, networkd: nobody.networkd };
  const leaseSilent = { ...networkdSilent, lease: nobody.lease };
  const told = [
    resolversOf(everybody, { settings: { ...silent, resolvers: server(1) } }),
    resolversOf(everybody),
    resolversOf(managerSilent),
    resolversOf(networkdSilent),
    resolversOf(leaseSilent),
    resolversOf(leaseSilent, { routerDns: [] }),
    resolversOf(nobody, { routerDns: [] }),
  ];
  assert.deepEqual(
    told.map(({ source, servers }) => [source, servers[0] ?? null]),
    [
      ["config", "192.0.2.1"],
      ["networkmanager", "192.0.2.2"],
      ["networkd", "192.0.2.3"],
      ["lease", "192.0.2.4"],
      ["router-advertisement", "192.0.2.5"],
      ["resolv.conf", "192.0.2.6"],
      [null, null],
    ],
  );
});

test("a manager that names none leaves the word to the next", () => {
  const facts = { ...everybody, networkManager: { ...networkManager, servers: [] } };
  assert.equal(resolversOf(facts).source, "networkd");
});

test("resolvers of a router count for its own link and until their lifetime ends", () => {
  assert.equal(resolversOf(nobody, { now: millis(99) }).source, "router-advertisement");
  assert.equal(resolversOf(nobody, { now: millis(100) }).source, null);
  assert.equal(resolversOf(nobody, { ifindex: 3 }).source, null);
});

test("resolv.conf counts for an only uplink and when it names no program of this machine; else that is said", () => {
  const facts = { ...nobody, resolvConf };
  const without = { routerDns: [] } as const;
  assert.match(resolversOf(facts, { ...without, isOnlyUplink: false }).detail, /to which of several uplinks/);
  assert.match(
    resolversOf({ ...nobody, resolvConf: { ...resolvConf, isLoopback: true } }, without).detail,
    /names a program of this machine/,
  );
});

test("what keeps the resolvers from being known is said", () => {
  const without = { routerDns: [] } as const;
  const detail = (facts: Partial<ResolverFacts>) => resolversOf({ ...nobody, ...facts }, without).detail;
  assert.match(resolversOf(undefined, without).detail, /not looked up yet/);
  assert.match(detail({ networkManager: { kind: "pending" } }), /has not answered yet/);
  assert.match(
    detail({ networkd: { kind: "unreadable", file: "/run/f", reason: "EACCES" } }),
    /\/run\/f cannot be read/,
  );
  assert.match(detail({ lease: { kind: "none", unreadable: ["/var/lib/dhcp: EACCES"] } }), /dhcp: EACCES/);
  assert.match(
    detail({ lease: { kind: "expired", program: "dhcpcd", file: "/l", expiredAt: 1 } }),
    /lease in \/l has expired/,
  );
  assert.match(detail({ resolvConf: { kind: "unreadable", file: "/r", reason: "EACCES" } }), /\/r cannot be read/);
  assert.match(detail({ resolvConf: { ...resolvConf, servers: [] } }), /has none either/);
  assert.match(detail({ resolvConf: { kind: "ours", file: "/r" } }), /\/r is what Ropewalk wrote/);
});

test("whether an uplink is metered is said by config, NetworkManager, networkd or a lease; else by nobody", () => {
  const managerSilent = { ...everybody, networkManager: { ...networkManager, metered: undefined } };
  assert.deepEqual(chooseMetered({ ...silent, metered: false }, everybody, held), { value: false, source: "config" });
  assert.deepEqual(chooseMetered(silent, everybody, held), { value: true, source: "networkmanager" });
  assert.deepEqual(chooseMetered(silent, managerSilent, held), { value: true, source: "networkd" });
  assert.deepEqual(chooseMetered(silent, { ...nobody, lease }, held), { value: true, source: "lease" });
  assert.deepEqual(chooseMetered(silent, nobody, held), { value: null, source: null });
  assert.deepEqual(chooseMetered(silent, undefined, held), { value: null, source: null });
});

test("a lease's router is a way out", () => {
  assert.equal(hasLeaseGateway({ ...nobody, networkd }, held), true);
  assert.equal(hasLeaseGateway({ ...nobody, lease }, held), true);
  assert.equal(hasLeaseGateway({ ...nobody, lease: { ...lease, routers: [] } }, held), false);
  assert.equal(hasLeaseGateway(undefined, held), false);
});

test("a lease whose address the interface no longer holds is of a network that it left, and says nothing", () => {
  const onlyLease = { ...nobody, lease };
  assert.deepEqual(resolversOf(onlyLease, { routerDns: [] }).servers, server(4));
  for (const addresses of [[], [addressFacts("198.51.100.7/24")]]) {
    const { servers, detail } = resolversOf(onlyLease, { routerDns: [], addresses });
    assert.deepEqual(servers, []);
    assert.match(detail, /dhclient\.leases is for 192\.0\.2\.9, an address that the uplink does not hold/);
    assert.equal(hasLeaseGateway(onlyLease, addresses), false);
    assert.equal(chooseMetered(silent, onlyLease, addresses).value, null);
  }
});

test("a lease that tells no address counts wherever it is found", () => {
  const facts = { ...nobody, lease: { ...lease, address: undefined } };
  assert.deepEqual(resolversOf(facts, { routerDns: [], addresses: [] }).servers, server(4));
});
