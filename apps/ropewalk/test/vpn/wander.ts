/** One way through a large world, each step drawn by chance: deeper than all ways can be followed. */
import { Random } from "@ropewalk/simnet/random";
import { pruned } from "./canonical-world.ts";
import type { Fault } from "./explore.ts";
import { broken } from "./placement-laws.ts";
import type { Rules } from "./placement-rules.ts";
import { nexts } from "./placement-steps.ts";
import { budgetOf } from "./placement-stories.ts";
import { beginWorld } from "./placement-world.ts";
import { unsettled } from "./settling.ts";

const plenty = budgetOf({
  ...{ start: 6, move: 6, renew: 6, terminate: 4, snapshot: 6, tick: 30 },
  ...{ reboot: 3, restart: 3, wipe: 3, slow: 1, fast: 1 },
});
const mostSteps = 150;

/** The first fault on the way that `seed` draws, or what is not settled behind it. */
export function wander(seed: number, rules: Rules): Fault | undefined {
  const random = new Random(seed, "wander");
  const way: string[] = [];
  let world = beginWorld(plenty);
  while (way.length < mostSteps) {
    const ways = [...nexts(world, rules)];
    const [what, next] = ways[random.below(Math.max(1, ways.length))] ?? [];
    if (what === undefined || next === undefined) break;
    way.push(what);
    world = pruned(next, rules);
    const laws = broken(world);
    if (laws.length > 0) return { laws, way };
  }
  const laws = unsettled(world, rules);
  return laws.length > 0 ? { laws, way } : undefined;
}
