/** The whole state space of the handshake's worlds: `npm run soak -- explorer`. */
import { largeWorlds } from "./large-worlds.ts";
import { exploreWorld, surprises } from "./run.ts";

interface SoakTarget {
  readonly name: string;
  /** Worlds, of which fewer may be gone through. */
  readonly inputs: number;
  readonly unit: "worlds";
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => readonly string[];
}

const count = (number: number) => number.toLocaleString("en");

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "handshake explorer",
    inputs: largeWorlds.length,
    unit: "worlds",
    run: (inputs, _, report) => {
      const faults: string[] = [];
      const total = { states: 0, transitions: 0 };
      for (const large of largeWorlds.slice(0, inputs)) {
        const outcome = exploreWorld(large);
        const { states, transitions, steps } = outcome;
        total.states += states;
        total.transitions += transitions;
        faults.push(...surprises(outcome));
        report(
          `${large.title}: ${count(states)} states, ${count(transitions)} transitions, ${count(steps)} steps of ends`,
        );
      }
      report(`in all ${count(total.states)} states, ${count(total.transitions)} transitions`);
      return faults;
    },
  },
];
