/** How a promise of the watch is told on a world, and the one uplink that most of them start with. */
import { test } from "node:test";
import type { NetworkFacts, RouteFacts } from "@ropewalk/host/facts";
import type { NetworkWatchOptions } from "@ropewalk/host/ports";
import { linkNamed, type Step, type World, type WorldFactory } from "./world.ts";

const keepAll: NetworkWatchOptions = { keepRoute: () => true };

export const uplink: readonly Step[] = [
  { kind: "add-link", name: "wan0" },
  { kind: "add-address", name: "wan0", prefix: "192.0.2.2/24" },
  { kind: "set-route", name: "wan0", to: "203.0.113.0/24", via: "192.0.2.1", metric: 100 },
];

export function hasUplink(facts: NetworkFacts): boolean {
  return linkNamed(facts, "wan0")?.hasCarrier === true && routeTo(facts, "203.0.113.0").length === 1;
}

export function routeTo(facts: NetworkFacts, address: string): readonly RouteFacts[] {
  return facts.routes.filter((route) => route.destination.address === address);
}

export function contract(
  name: string,
  create: WorldFactory,
  body: (world: World) => Promise<void>,
  options: NetworkWatchOptions = keepAll,
): void {
  test(name, async () => {
    await using world = await create(options);
    await body(world);
  });
}
