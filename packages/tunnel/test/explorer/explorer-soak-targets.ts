/** The whole state space of the handshake's worlds: `npm run soak -- explorer`. */
import { crowds, largeWorlds } from "./large-worlds.ts";
import { mutants } from "./mutants.ts";
import { mutantOf } from "./mutated.ts";
import { rewind } from "./rewinding.ts";
import { exploreWorld, surprises } from "./run.ts";
import { smallWorlds } from "./worlds.ts";

interface SoakTarget {
  readonly name: string;
  /** Worlds, of which fewer may be gone through. */
  readonly inputs: number;
  readonly unit: "worlds" | "mutants";
  readonly run: (
    inputs: number,
    seed: number,
    report: (line: string) => void,
  ) => readonly string[] | Promise<readonly string[]>;
}

const count = (number: number) => number.toLocaleString("en");

function everyWorld(inputs: number, _: number, report: (line: string) => void): readonly string[] {
  const faults: string[] = [];
  const total = { states: 0, transitions: 0 };
  for (const large of largeWorlds.slice(0, inputs)) {
    const outcome = exploreWorld(large);
    const { states, transitions, steps } = outcome;
    total.states += states;
    total.transitions += transitions;
    faults.push(...surprises(outcome));
    report(`${large.title}: ${count(states)} states, ${count(transitions)} transitions, ${count(steps)} steps of ends`);
  }
  report(`in all ${count(total.states)} states, ${count(total.transitions)} transitions`);
  return faults;
}

function everyCrowd(inputs: number, _: number, report: (line: string) => void): readonly string[] {
  return crowds.slice(0, inputs).flatMap((many) => {
    const { states, sessions, violations } = rewind(many);
    const who = `${many.ends.length} ends, Mallory's key is ${many.malloryPins}'s, ${many.wits}, KEMs ${many.kem}`;
    report(`${who}: ${count(states)} states of ends, ${sessions} sessions`);
    return violations.map((what) => `${who}: ${what}`);
  });
}

const harmless = mutants.filter(({ fate }) => fate.kind === "made up for");

/** That what makes up for a mistake does so everywhere. */
async function everyHarmlessMutant(inputs: number): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { name, patches } of harmless.slice(0, inputs)) {
    const machine = await mutantOf(name, patches);
    const found = smallWorlds.flatMap((small) => surprises(exploreWorld(small, machine)));
    faults.push(...found.map((fault) => `${name}: ${fault}`));
  }
  return faults;
}

export const soakTargets: readonly SoakTarget[] = [
  { name: "handshake explorer", inputs: largeWorlds.length, unit: "worlds", run: everyWorld },
  { name: "handshake explorer, turning time back", inputs: crowds.length, unit: "worlds", run: everyCrowd },
  { name: "handshake explorer, harmless", inputs: harmless.length, unit: "mutants", run: everyHarmlessMutant },
];
