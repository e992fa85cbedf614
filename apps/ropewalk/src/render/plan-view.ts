/** A plan for people: one command a line, so that it can be read, kept, and compared with another; every other line is a comment. */
import type { PlanDocument } from "@ropewalk/api/plan";
import { printable } from "./table.ts";

const notDone = "# Nothing of this is done. A Ropewalk that moves traffic would do it, in this order:";

export function planLines({ monitorOnly, steps }: PlanDocument): readonly string[] {
  if (steps.length === 0) return ["# Nothing would change: traffic goes as was decided."];
  const head = monitorOnly ? notDone : "# What is to be done, in this order:";
  return [head, ...steps.map(({ command }) => printable(command))];
}
