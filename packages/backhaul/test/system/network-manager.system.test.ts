/** Resolvers and cost as a real NetworkManager tells them over a real bus, and what remains when either goes away. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { createResolverSources, type ResolverSources, systemRoots } from "@ropewalk/backhaul/io/resolver-sources";
import type { NetworkManagerFacts } from "@ropewalk/backhaul/pure/resolver-facts";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { eventually } from "../io/eventually.ts";
import { inOwnMachine } from "./in-own-machine.ts";
import {
  busAddress,
  createLinks,
  lastWords,
  nmcli,
  startBus,
  startNetworkManager,
  stop,
} from "./network-manager-machine.ts";

const wan0 = { ifindex: 2, name: "wan0" };
const fromPhone: NetworkManagerFacts = {
  kind: "managed",
  servers: ["192.0.2.53", "198.51.100.53", "2001:db8:1::53"].map(ipAddress),
  metered: true,
  isMeteredGuess: true,
};

inOwnMachine(import.meta.filename, () => {
  const dhcpServer = createLinks();
  const clock = createSystemClock();
  const sources = createResolverSources({ roots: systemRoots, busAddress }, { clock, chance: () => 0 });
  after(() => sources[Symbol.asyncDispose]());

  /** Reads after each change that is told, and only then: what is not told is not seen. */
  function told(
    isGood: (facts: NetworkManagerFacts) => boolean,
    from: ResolverSources = sources,
  ): Promise<NetworkManagerFacts> {
    const facts = () => from.read(wan0.ifindex, wan0.name).networkManager;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watch[Symbol.dispose]();
        reject(new Error(`last seen ${JSON.stringify(facts())}\n${lastWords()}`));
      }, 20_000);
      const look = () => {
        if (!isGood(facts())) return;
        clearTimeout(timer);
        watch[Symbol.dispose]();
        resolve(facts());
      };
      const watch = from.watch(look);
      look();
    });
  }

  test("without a bus there is no NetworkManager, and reading starts no process and no thread", async () => {
    await told(({ kind }) => kind === "absent");
    sources.read(wan0.ifindex, wan0.name);
    const before = lastProcess();
    for (let count = 0; count < 100; count += 1) sources.read(wan0.ifindex, wan0.name);
    assert.equal(lastProcess(), before);
  });

  let bus = startBus();
  let manager: ReturnType<typeof startNetworkManager>;

  test("a bus that appears is found, and that nobody on it is NetworkManager", async () => {
    const seen = await told((now) => now.kind === "absent" && now.reason.startsWith("nobody owns"));
    assert.deepEqual(seen, {
      kind: "absent",
      reason: "nobody owns org.freedesktop.NetworkManager on the system bus",
    });
  });

  test("NetworkManager's servers of both families, and its guess that a phone is metered, arrive by themselves", async () => {
    manager = startNetworkManager();
    const seen = await told((now) => now.kind === "managed" && now.servers.length === 3);
    assert.deepEqual(seen, fromPhone);
    assert.deepEqual(sources.read(3, "wan1").networkManager, { kind: "unmanaged" });
  });

  test("its lease is also in its own files", () => {
    const { lease } = sources.read(wan0.ifindex, wan0.name);
    assert.ok(lease.kind === "lease");
    assert.deepEqual([lease.program, lease.file], ["NetworkManager", "/run/NetworkManager/devices/2"]);
    assert.deepEqual([lease.servers, lease.routers], [["192.0.2.53", "198.51.100.53"], ["192.0.2.1"]]);
    assert.ok(lease.expiresAt !== undefined && Math.abs(lease.expiresAt - clock.wall() - 43_200_000) < 60_000);
  });

  test("an operator's word about cost and servers arrives by itself", async () => {
    nmcli("connection", "modify", "wan0", "connection.metered", "no", "ipv4.dns", "203.0.113.53");
    nmcli("device", "reapply", "wan0");
    const seen = await told((now) => now.kind === "managed" && now.metered === false && now.servers.length === 4);
    assert.ok(seen.kind === "managed");
    assert.equal(seen.isMeteredGuess, false);
    assert.equal(seen.servers[0], "203.0.113.53");
  });

  test("a link that is taken from NetworkManager is unmanaged", async () => {
    nmcli("device", "set", "wan0", "managed", "no");
    await told(({ kind }) => kind === "unmanaged");
    nmcli("device", "set", "wan0", "managed", "yes");
    await told((now) => now.kind === "managed" && now.servers.length === 4);
    // What NetworkManager has not yet written down, one that is killed has forgotten.
    await eventually(
      () => readFileSync("/run/NetworkManager/devices/2", "utf8"),
      (state) => state.includes("managed=true"),
    );
  });

  test("a NetworkManager that dies is absent, and found again when it is back", async () => {
    await stop(manager);
    await told((now) => now.kind === "absent" && now.reason.startsWith("nobody owns"));
    manager = startNetworkManager();
    await told((now) => now.kind === "managed" && now.servers.length === 3);
  });

  test("a NetworkManager that hangs is absent with the reason, and asked again", async () => {
    manager.kill("SIGSTOP");
    await using late = createResolverSources({ roots: systemRoots, busAddress }, { clock, chance: () => 0 });
    const isTimedOut = (now: NetworkManagerFacts) => now.kind === "absent" && /timed out|5000 ?ms/.test(now.reason);
    await told(isTimedOut, late);
    manager.kill("SIGCONT");
    await told(({ kind }) => kind === "managed", late);
  });

  test("a bus that was restarted is found again with everything on it", async () => {
    await stop(bus);
    await told(({ kind }) => kind === "absent");
    await stop(manager);
    bus = startBus();
    manager = startNetworkManager();
    const seen = await told((now) => now.kind === "managed" && now.servers.length === 3);
    assert.deepEqual(seen, fromPhone);
  });

  after(async () => {
    await stop(manager);
    await stop(bus);
    await stop(dhcpServer);
  });
});

/** The number of the last process or thread that was started in this namespace. Source: pid_namespaces(7). */
function lastProcess(): number {
  return Number(readFileSync("/proc/sys/kernel/ns_last_pid", "utf8"));
}
