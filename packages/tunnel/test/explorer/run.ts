/** A world, gone through: what was found, and whether that is what was promised. */

import type { Setting } from "./end.ts";
import { EndActor } from "./end-actor.ts";
import { type Exploration, explore } from "./explore.ts";
import { type Machine, realMachine } from "./machine.ts";
import { checkOf } from "./properties.ts";
import { Provenance } from "./provenance.ts";
import { SymbolicKem } from "./symbolic-kem.ts";
import type { World } from "./world.ts";

export interface Outcome extends Exploration {
  readonly world: World;
  /** Calls of the machine: each is made once, and then known. */
  readonly steps: number;
  readonly concluded: readonly string[];
}

export function exploreWorld(
  world: World,
  machine: Machine = realMachine,
  isEnough: (what: string) => boolean = () => false,
): Outcome {
  const setting = settingOf(world, machine);
  const actors = world.ends.map((plan) => new EndActor(setting, plan));
  const check = checkOf(setting);
  const concluded = new Set<string>();
  const exploration = explore(
    actors,
    (all) => {
      for (const { plan, sessions } of all) if (sessions.length > 0) concluded.add(plan.name);
      return check(all);
    },
    { states: 4_000_000, isEnough },
  );
  const steps = actors.reduce((sum, actor) => sum + actor.steps, 0);
  return { ...exploration, world, steps, concluded: [...concluded] };
}

export function settingOf(world: World, machine: Machine): Setting {
  const provenance = new Provenance();
  return { world, machine, provenance, kem: new SymbolicKem(provenance) };
}

/** What is not as the world says: violated though promised, held though expected to break, or never concluded. */
export function surprises({ world, violations, concluded }: Outcome): readonly string[] {
  const found = violations.map(({ what }) => what);
  return [
    ...violations
      .filter(({ what }) => !world.breaks.includes(what))
      .map(({ what, trace }) => `${world.title}: ${what}\n  ${trace.join("\n  ")}`),
    ...world.breaks.filter((what) => !found.includes(what)).map((what) => `${world.title}: "${what}" holds`),
    ...differences(world.concludes, concluded).map((end) => `${world.title}: ${end} never concludes`),
    ...differences(concluded, world.concludes).map((end) => `${world.title}: ${end} concludes`),
  ];
}

function differences(all: readonly string[], others: readonly string[]): readonly string[] {
  return all.filter((one) => !others.includes(one));
}
