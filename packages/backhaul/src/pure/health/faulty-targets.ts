/** Which targets fail everywhere: theirs is the fault then, and no uplink is blamed. */
import type { Family } from "@ropewalk/kernel/addresses";
import { type Check, isBelieved } from "./checks.ts";
import type { PathHealth } from "./path-health.ts";
import { isHopeless, labelOf } from "./target-health.ts";

/** Targets that answer on no path of their family, neither pulses nor connections, while another target does. */
export function faultyTargets(paths: Iterable<PathHealth>): readonly string[] {
  const seen = new Map<string, { readonly family: Family; readonly answers: boolean }>();
  const living = new Set<Family>();
  for (const health of paths) {
    const { family } = health.path;
    for (const [label, answers] of targetsOf(health)) {
      if (answers) living.add(family);
      seen.set(label, { family, answers: answers || (seen.get(label)?.answers ?? false) });
    }
  }
  return [...seen].flatMap(([label, { family, answers }]) => (answers || !living.has(family) ? [] : [label]));
}

/** Those that made room for others, too, as long as they are connected to. */
function targetsOf({ pulses, checks }: PathHealth): readonly (readonly [label: string, answers: boolean])[] {
  const isConnection = ({ plan, last }: Check) => plan.kind === "tcp" && plan.role === "target" && last !== undefined;
  return [
    ...pulses.targets.map((health) => [labelOf(health.target), !isHopeless(health)] as const),
    ...checks.filter(isConnection).map((check) => [check.plan.label, !isBelieved(check)] as const),
  ];
}
