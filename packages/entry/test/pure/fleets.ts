/** Nodes and requests for tests: sound ones that all may have, and random ones of which most are refused for something. */

import {
  type ChoiceRules,
  defaultFreshness,
  type FleetNode,
  type NodeId,
  type NodeRequest,
} from "@ropewalk/entry/pure/node-fitness";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { Random } from "@ropewalk/simnet/random";

export const rules: ChoiceRules = { freshness: defaultFreshness, versions: new Set([1, 2]) };

/** A customer whom every region but one is open to, and who wishes nothing. */
export const anybody: NodeRequest = {
  region: undefined,
  country: undefined,
  city: undefined,
  pool: undefined,
  nodeHint: undefined,
  allowedRegions: new Set(["eu", "us"]),
  occupiedNodes: new Set(),
  asker: "customer",
};

export function soundNode(number: number, other: Partial<FleetNode> = {}): FleetNode {
  return {
    id: String(number) as NodeId,
    roles: ["vpn"],
    region: "eu",
    country: "de",
    city: "ber",
    pool: "plain",
    freeAddresses: 1_000,
    capacity: 1_000,
    sessions: 0,
    load: 0,
    health: "healthy",
    heartbeatAge: millis(0),
    admission: "open",
    version: 1,
    ...other,
  };
}

/** In some fleets almost every node is sound, in others hardly one; figures are often just at a limit. */
export function randomFleet(random: Random): readonly FleetNode[] {
  const mostlySound = 1 - 0.4 * random.unit() ** 2;
  const odd = <Value>(sound: Value, others: readonly Value[]): Value =>
    random.isLucky(mostlySound) ? sound : (others[random.below(others.length)] ?? sound);
  return Array.from({ length: random.below(random.isLucky(0.1) ? 60 : 9) }, (_, index) => {
    const capacity = odd(1 + random.below(50), [1, 10_000]);
    return soundNode(index, {
      roles: odd(["vpn"], [[], ["mesh"], ["mesh", "vpn"]]),
      region: odd("eu", ["us", "ap"]),
      country: odd("de", ["fr", "us"]),
      city: odd("ber", ["muc"]),
      pool: odd("plain", ["stream"]),
      ...{ capacity, sessions: odd(random.below(capacity), [capacity, capacity - 1, capacity + 1, 0]) },
      freeAddresses: odd(random.below(50), [0, 1, 10_000]),
      load: odd(random.unit(), [0, 1, 0.999]),
      health: odd<"healthy" | "unhealthy">("healthy", ["unhealthy"]),
      heartbeatAge: odd<FleetNode["heartbeatAge"]>(seconds(random.below(60)), [
        undefined,
        seconds(60),
        millis(60_001),
        seconds(900),
      ]),
      admission: odd<FleetNode["admission"]>("open", ["draining", "disabled"]),
      version: odd(1, [2, 0, 3]),
    });
  });
}

export function randomRequest(random: Random, fleet: readonly FleetNode[]): NodeRequest {
  const perhaps = <Value>(share: number, values: readonly Value[]): Value | undefined =>
    random.isLucky(share) ? values[random.below(values.length)] : undefined;
  const ids = [...fleet.map(({ id }) => id), "elsewhere" as NodeId];
  return {
    region: perhaps(0.3, ["eu", "eu", "us", "mars"]),
    country: perhaps(0.2, ["de", "de", "fr"]),
    city: perhaps(0.2, ["ber", "ber", "muc"]),
    pool: perhaps(0.2, ["plain", "plain", "stream"]),
    nodeHint: perhaps(0.1, ids),
    allowedRegions: new Set(["eu", "us", "ap"].filter(() => random.isLucky(0.8))),
    occupiedNodes: new Set(ids.filter(() => random.isLucky(0.1))),
    asker: random.isLucky(0.5) ? "admin" : "customer",
  };
}
