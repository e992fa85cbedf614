/** What is not well with the wheel, in one sentence for people: the worst of it, and what would help. */
import { isActing, type Standing } from "./standing.ts";

export interface Grounds {
  /** What is wanted of the kernel and is not so. */
  readonly unmet: readonly string[];
  /** What this process lacks to change the machine. */
  readonly lack: string | undefined;
  /** How many routes of ours the kernel has. */
  readonly leftovers: () => number;
}

/** Undefined when all is well. */
export function complaintOf(standing: Standing, { unmet, lack, leftovers }: Grounds): string | undefined {
  if (isActing(standing) && lack !== undefined) return `traffic cannot be moved: ${lack}`;
  const [first] = unmet;
  if (first !== undefined) return `${unmet.length} things are not as they should be, among them ${first}`;
  const left = isActing(standing) ? 0 : leftovers();
  if (left > 0) {
    return `${left} routes of Ropewalk's are in force and nobody keeps them up to date: \`ropewalk uplink purge\` takes them away`;
  }
  return standing.kind === "trial" ? "traffic is moved on trial: `ropewalk uplink confirm` keeps it so" : undefined;
}
