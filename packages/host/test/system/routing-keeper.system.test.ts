/** The keeper on the real kernel, beside a neighbour who removes what is ours and has routes and rules of his own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { routingProtocol } from "@ropewalk/host/allocations";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import { createRoutingWriter } from "@ropewalk/host/linux/routing-writer";
import { watchRules } from "@ropewalk/host/linux/rule-watch";
import type { WantedRoute, WantedRouting, WantedRule } from "@ropewalk/host/routing";
import { type KeeperReport, RoutingKeeper } from "@ropewalk/host/routing-keeper";
import { ipAddress, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipLinks, ipRoutes, ipRules } from "./ip-facts.ts";
import { ipBatch, linkLocals } from "./namespace-world.ts";

const everywhere = parsePrefix("0.0.0.0/0") as Prefix;

function wantedBy(ifindex: number): WantedRouting {
  const way = { ifindex, gateway: ipAddress("192.0.2.1"), isOnLink: false, weight: 1 };
  const tables = [100, 101, 200];
  return {
    routes: tables.map(
      (table): WantedRoute => ({
        family: "ipv4",
        table,
        destination: everywhere,
        metric: 10,
        preferredSource: undefined,
        ways: [way],
      }),
    ),
    rules: tables.map((table): WantedRule => {
      return {
        family: "ipv4",
        priority: 900 + table,
        table,
        source: undefined,
        destination: undefined,
        mark: undefined,
        suppressPrefixLength: undefined,
      };
    }),
  };
}

const indexes = () => new Map(ipLinks().map(({ name, ifindex }) => [name, ifindex]));
const isOwn = ({ protocol }: { readonly protocol: number }) => protocol === routingProtocol;
const own = () => [ipRoutes(indexes()).filter(isOwn).length, ipRules().filter(isOwn).length];
const foreign = () => [ipRoutes(indexes()).filter((one) => !isOwn(one)), ipRules().filter((one) => !isOwn(one))];

/** Resolves once it is so; rejects after thirty seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!isSo()) {
    if (performance.now() > end) assert.fail(`there are ${own().join(" routes and ")} rules of ours`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();

  test("whatever a neighbour removes comes back, what is his stays as it is, and a purge leaves nothing", async () => {
    ipBatch([
      "link add wan0 type veth peer name isp0",
      "link set isp0 up",
      "link set wan0 up",
      "addr add 192.0.2.2/24 dev wan0",
      "route add default via 192.0.2.1 dev wan0 metric 5",
      "route add 203.0.113.0/24 via 192.0.2.1 dev wan0 table 100",
      "rule add from 10.0.0.0/8 lookup 77 priority 5210",
    ]);
    await linkLocals(["wan0", "isp0"]);
    const clock = createSystemClock();
    await using network = await createNetworkWatch(native, clock, { keepRoute: () => true });
    using rules = watchRules(native);
    using writer = createRoutingWriter(native);
    const reports: KeeperReport[] = [];
    using keeper = new RoutingKeeper({
      network,
      rules,
      writer,
      clock,
      onReports: (told) => void reports.push(...told),
    });
    const before = foreign();

    keeper.want(wantedBy(indexes().get("wan0") ?? 0));
    assert.deepEqual(own(), [3, 3], "done when the call returns");
    const undo = [
      ["rule", "del", "priority", "1000"],
      ["route", "del", "default", "table", "101"],
      ["rule", "flush", "protocol", `${routingProtocol}`],
      ["route", "flush", "table", "200"],
    ];
    for (const words of undo) {
      execFileSync("ip", words, { stdio: "ignore" });
      await until(() => own().join() === "3,3");
    }
    assert.ok(reports.some(({ cause }) => cause === "repair"));
    assert.deepEqual(
      reports.filter(({ result }) => result.kind === "refused"),
      [],
    );
    assert.deepEqual(foreign(), before);

    // An interface that goes down takes its routes along; they come back with it.
    execFileSync("ip", ["link", "set", "wan0", "down"]);
    execFileSync("ip", ["link", "set", "wan0", "up"]);
    await until(() => own().join() === "3,3");

    keeper.purge();
    assert.deepEqual(own(), [0, 0]);
    assert.deepEqual(foreign()[1], before[1]);
  });
});
