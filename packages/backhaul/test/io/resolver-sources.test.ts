import assert from "node:assert/strict";
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { createResolverSources, type ResolverSources } from "@ropewalk/backhaul/io/resolver-sources";
import { ourResolvConf } from "@ropewalk/backhaul/pure/resolv-conf-text";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { eventually } from "./eventually.ts";
import { fixtureText } from "./fixture.ts";
import { ScratchFolder } from "./scratch-folder.ts";

/** Sources that look at the folders of a scratch machine and at a bus socket that is not there. */
function sourcesOf(machine: ScratchFolder): ResolverSources {
  const roots = { run: machine.in("run"), varLib: machine.in("lib"), etc: machine.in("etc") };
  const busAddress = `unix:path=${machine.in("run/bus")}`;
  return createResolverSources({ roots, busAddress }, { clock: createSystemClock(), chance: () => 0.5 });
}

test("on a machine where none of the programs is, everything is absent and nothing fails", async () => {
  using machine = new ScratchFolder();
  await using sources = sourcesOf(machine);
  assert.deepEqual(sources.read(2, "wan0"), {
    networkManager: { kind: "pending" },
    networkd: { kind: "absent" },
    lease: { kind: "none", unreadable: [] },
    resolvConf: { kind: "absent" },
  });
  const { networkManager } = await eventually(
    () => sources.read(2, "wan0"),
    (facts) => facts.networkManager.kind !== "pending",
  );
  assert.deepEqual(networkManager, { kind: "absent", reason: `connect ENOENT ${machine.in("run/bus")}` });
});

test("an address that names no Unix socket is said to, and not tried", async () => {
  using machine = new ScratchFolder();
  const roots = { run: machine.in("run"), varLib: machine.in("lib"), etc: machine.in("etc") };
  const deps = { clock: createSystemClock(), chance: () => 0.5 };
  await using sources = createResolverSources({ roots, busAddress: "unixexec:path=/bin/false" }, deps);
  assert.deepEqual(sources.read(2, "wan0").networkManager, {
    kind: "absent",
    reason: '"unixexec:path=/bin/false" names no Unix socket',
  });
});

test("what networkd wrote is told with the servers, routers and the mark of a phone", async () => {
  using machine = new ScratchFolder();
  const file = machine.write("run/systemd/netif/links/2", fixtureText("networkd-252/links/2"));
  machine.write("run/systemd/netif/leases/2", fixtureText("networkd-252/leases/2"));
  machine.write("run/systemd/netif/links/4", fixtureText("networkd-252/links/4"));
  await using sources = sourcesOf(machine);
  assert.deepEqual(sources.read(2, "wan0").networkd, {
    kind: "managed",
    servers: ["192.0.2.53", "198.51.100.53", "2001:db8:1::53"],
    routers: ["192.0.2.1"],
    networkFile: "/etc/systemd/network/10-wan0.network",
    isAndroidMetered: true,
    file,
  });
  assert.deepEqual(sources.read(4, "idle0").networkd, { kind: "unmanaged" });
});

test("a change of resolv.conf is told, also through the link that it is on many machines", async () => {
  using machine = new ScratchFolder();
  mkdirSync(machine.in("etc"));
  machine.write("run/resolve/resolv.conf", "nameserver 127.0.0.53\n");
  symlinkSync("../run/resolve/resolv.conf", machine.in("etc/resolv.conf"));
  await using sources = sourcesOf(machine);
  const seen: string[] = [];
  using _watch = sources.watch(() => void seen.push(JSON.stringify(sources.read(2, "wan0").resolvConf)));
  machine.write("run/resolve/new", "nameserver 192.0.2.53\n");
  renameSync(machine.in("run/resolve/new"), machine.in("run/resolve/resolv.conf"));
  await eventually(
    () => seen,
    (all) => all.some((facts) => facts.includes('"192.0.2.53"')),
  );
});

test("a resolv.conf that Ropewalk wrote is no source of what to write into it", async () => {
  using machine = new ScratchFolder();
  const links = [{ ifindex: 2, name: "wan0", servers: [ipAddress("192.0.2.53")], source: "lease" } as const];
  const file = machine.write("etc/resolv.conf", ourResolvConf("", links));
  await using sources = sourcesOf(machine);
  assert.deepEqual(sources.read(2, "wan0").resolvConf, { kind: "ours", file });
});

test("every watcher is told, and none after it or the sources are disposed", async () => {
  using machine = new ScratchFolder();
  mkdirSync(machine.in("lib/dhcp"), { recursive: true });
  const sources = sourcesOf(machine);
  await using others = sourcesOf(machine);
  using first = countOf(sources);
  const second = countOf(sources);
  using other = countOf(others);
  const isTold = (count: { readonly told: number }) => count.told > 0;
  machine.write("lib/dhcp/dhclient.leases", fixtureText("dhclient-4.4.3/dhclient.leases"));
  await eventually(
    () => [first, second, other],
    (counts) => counts.every(isTold),
  );
  second[Symbol.dispose]();
  const { told } = second;
  first.told = 0;
  machine.write("lib/dhcp/dhclient.leases", "");
  await eventually(() => first, isTold);
  assert.equal(second.told, told);
  await sources[Symbol.asyncDispose]();
  first.told = 0;
  other.told = 0;
  machine.write("lib/dhcp/dhclient.leases", "x");
  await eventually(() => other, isTold);
  assert.equal(first.told, 0);
});

function countOf(sources: ResolverSources): { told: number } & Disposable {
  const watch = sources.watch(() => {
    count.told += 1;
  });
  const count = { told: 0, [Symbol.dispose]: () => watch[Symbol.dispose]() };
  return count;
}
