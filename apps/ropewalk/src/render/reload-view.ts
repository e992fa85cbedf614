/** What came of reading the configuration again, for people. */
import type { ReloadDocument } from "@ropewalk/api/http";

export function reloadLines({ applied, needsRestart }: ReloadDocument): readonly string[] {
  return [
    applied.length === 0 ? "Nothing that can change while running differs." : `Now in force: ${applied.join(", ")}.`,
    ...(needsRestart.length === 0 ? [] : [`In force after the next start: ${needsRestart.join(", ")}.`]),
  ];
}
