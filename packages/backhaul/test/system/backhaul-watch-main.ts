/**
 * A program for tests: the backhaul on the network it was started in. It prints one JSON line for each event, with the time
 * at which a subscriber got it, and one for the whole status when it has started and whenever a line comes in.
 */
import { createInterface } from "node:readline";
import { noDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { orderMemoryMigrations } from "@ropewalk/backhaul/io/order-memory";
import { createResolverSources, defaultSystemBus, systemRoots } from "@ropewalk/backhaul/io/resolver-sources";
import { uplinkMemoryMigrations } from "@ropewalk/backhaul/io/uplink-memory";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import { createBackhaul } from "@ropewalk/backhaul/service";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { openStore } from "@ropewalk/ops/store";
import { noProbes, watchOnly } from "../backhaul-bench.ts";

const clock = createSystemClock();
const native = createNative();
const destination = { write: (line: string) => void process.stderr.write(line) };
const log = createLog({ level: "warn", format: "text", destination, clock });
await using network = await createNetworkWatch(native, clock, { keepRoute });
await using sources = createResolverSources(
  { roots: systemRoots, busAddress: defaultSystemBus },
  { clock, chance: Math.random },
);
const { store } = openStore(process.argv[2] ?? ":memory:", {
  migrations: [...uplinkMemoryMigrations, ...orderMemoryMigrations],
  clock,
});
await using backhaul = await createBackhaul(watchOnly, {
  network,
  reader: createNetworkReader(native),
  sources,
  store,
  clock,
  log,
  metrics: createMetrics(),
  health: new HealthRegistry({ clock }),
  probes: () => noProbes,
  decisions: noDecisionLog,
});

function print(line: object): void {
  process.stdout.write(`${JSON.stringify({ at: String(process.hrtime.bigint()), ...line })}\n`);
}

using _subscription = backhaul.subscribe((event) => print({ event }));
print({ status: backhaul.status() });
for await (const _ of createInterface({ input: process.stdin })) print({ status: backhaul.status() });
