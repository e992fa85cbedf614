/** Which targets fail everywhere: theirs is the fault then, and no uplink is blamed. */
import type { Family } from "@ropewalk/kernel/addresses";
import { type Check, isBelieved, isGood } from "./checks.ts";
import type { PathHealth } from "./path-health.ts";
import { isHopeless, labelOf } from "./target-health.ts";

/** Targets that answer on no path of their family, neither pulses nor connections, while another target does. */
export function faultyTargets(paths: Iterable<PathHealth>): readonly string[] {
  const blamed = new Map<string, { readonly family: Family; readonly isSilent: boolean }>();
  const living = new Set<Family>();
  for (const health of paths) {
    const { family } = health.path;
    for (const { label, isHeard, isSilent } of targetsOf(health)) {
      if (isHeard) living.add(family);
      blamed.set(label, { family, isSilent: isSilent && (blamed.get(label)?.isSilent ?? true) });
    }
  }
  return [...blamed].flatMap(([label, { family, isSilent }]) => (isSilent && living.has(family) ? [label] : []));
}

interface TargetSeen {
  readonly label: string;
  readonly isHeard: boolean;
  /** One that was only just asked is neither heard nor silent. */
  readonly isSilent: boolean;
}

/** Those that made room for others, too, as long as they are connected to. */
function targetsOf({ pulses, checks }: PathHealth): readonly TargetSeen[] {
  const isConnection = ({ plan, last }: Check) => plan.kind === "tcp" && plan.role === "target" && last !== undefined;
  return [
    ...pulses.targets.map((health) => {
      const isSilent = isHopeless(health);
      return { label: labelOf(health.target), isHeard: health.heardAt !== undefined && !isSilent, isSilent };
    }),
    ...checks.filter(isConnection).map((check) => {
      return { label: check.plan.label, isHeard: isGood(check), isSilent: isBelieved(check) };
    }),
  ];
}
