/** The model of placements with more of everything: each story until nothing is left to look at, or as many worlds as are asked for; and long ways by chance. */
import { explore, type Fault } from "./explore.ts";
import { rules } from "./placement-rules.ts";
import { budgetOf, largeStories, smallStories } from "./placement-stories.ts";
import { beginWorld } from "./placement-world.ts";
import { wander } from "./wander.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => readonly string[];
}

const stories: readonly SoakTarget[] = [...smallStories, ...largeStories].map(([story, budget]) => ({
  name: `vpn placements: ${story}`,
  ...{ inputs: 1_000_000, unit: "worlds at most" },
  run(inputs, _, report) {
    const { worlds, steps, isWhole, fault } = explore(beginWorld(budgetOf(budget)), rules, {
      most: inputs,
      settledEach: 50,
    });
    report(`${worlds} worlds, ${steps} steps, ${isWhole ? "and there are no others" : "and there are more"}`);
    return fault === undefined ? [] : [tell(fault)];
  },
}));

const ways: SoakTarget = {
  name: "vpn placements: ways by chance",
  ...{ inputs: 20_000, unit: "ways" },
  run(inputs, seed) {
    const faults: string[] = [];
    for (let index = 0; index < inputs && faults.length < 5; index += 1) {
      const each = (seed + index) >>> 0;
      const fault = wander(each, rules);
      if (fault !== undefined) faults.push(`seed ${each}: ${tell(fault)}`);
    }
    return faults;
  },
};

export const soakTargets: readonly SoakTarget[] = [...stories, ways];

function tell({ laws, way }: Fault): string {
  return `${laws.join(", ")}: ${way.join(" → ")}`;
}
