/** Looks at every world that can be reached from the first: breadth first, so that the first fault is told by its shortest way. */
import { keyOf, pruned } from "./canonical-world.ts";
import { broken } from "./placement-laws.ts";
import type { Rules } from "./placement-rules.ts";
import { nexts } from "./placement-steps.ts";
import type { World } from "./placement-world.ts";
import { unsettled } from "./settling.ts";

export interface Fault {
  readonly laws: readonly string[];
  /** The fewest steps that lead there. */
  readonly way: readonly string[];
}

export interface Exploration {
  readonly worlds: number;
  readonly steps: number;
  /** Whether nothing was left to look at. */
  readonly isWhole: boolean;
  readonly fault: Fault | undefined;
}

interface Seen {
  readonly what: string;
  readonly before: Seen | undefined;
}

export interface Limits {
  /** Worlds that are looked at. */
  readonly most: number;
  /** Of so many worlds one is asked whether it comes to rest, which takes as long as some steps. Undefined: none. */
  readonly settledEach?: number;
}

export function explore(
  first: World,
  rules: Rules,
  { most, settledEach = Number.POSITIVE_INFINITY }: Limits,
): Exploration {
  const seen = new Set([keyOf(first)]);
  let steps = 0;
  const faultsOf = (world: World) => {
    const laws = broken(world);
    return laws.length > 0 || seen.size % settledEach > 0 ? laws : unsettled(world, rules);
  };
  let edge: (readonly [World, Seen | undefined])[] = [[first, undefined]];
  while (edge.length > 0) {
    const further: (readonly [World, Seen | undefined])[] = [];
    for (const [world, before] of edge) {
      for (const [what, raw] of nexts(world, rules)) {
        steps += 1;
        const next = pruned(raw, rules);
        const key = keyOf(next);
        if (seen.has(key)) continue;
        seen.add(key);
        const reached: Seen = { what, before };
        const laws = faultsOf(next);
        if (laws.length > 0) return { worlds: seen.size, steps, isWhole: false, fault: { laws, way: wayTo(reached) } };
        if (seen.size >= most) return { worlds: seen.size, steps, isWhole: false, fault: undefined };
        further.push([next, reached]);
      }
    }
    edge = further;
  }
  return { worlds: seen.size, steps, isWhole: true, fault: undefined };
}

function wayTo(end: Seen): readonly string[] {
  const way: string[] = [];
  for (let at: Seen | undefined = end; at !== undefined; at = at.before) way.unshift(at.what);
  return way;
}
