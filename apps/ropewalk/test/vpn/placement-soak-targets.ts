/** The model of placements with more of everything: each story until nothing is left to look at, or as many worlds as are asked for. */
import { explore } from "./explore.ts";
import { rules } from "./placement-rules.ts";
import { budgetOf, largeStories } from "./placement-stories.ts";
import { beginWorld } from "./placement-world.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => readonly string[];
}

export const soakTargets: readonly SoakTarget[] = largeStories.map(([story, budget]) => ({
  name: `vpn placements: ${story}`,
  ...{ inputs: 1_000_000, unit: "worlds at most" },
  run(inputs, _, report) {
    const { worlds, steps, isWhole, fault } = explore(beginWorld(budgetOf(budget)), rules, {
      most: inputs,
      settledEach: 50,
    });
    report(`${worlds} worlds, ${steps} steps, ${isWhole ? "and there are no others" : "and there are more"}`);
    return fault === undefined ? [] : [`${fault.laws.join(", ")}: ${fault.way.join(" → ")}`];
  },
}));
