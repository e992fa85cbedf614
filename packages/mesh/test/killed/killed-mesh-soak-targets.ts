/** What `npm run soak` does at length with whole nodes that die: a thousand are killed, and as many lose their power. */
import { type HowNodesDie, killedMesh } from "./killed-mesh.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => Promise<readonly string[]>;
}

/** Chains of three beside each other. */
const chains = 2;

export const soakTargets: readonly SoakTarget[] = [
  target("mesh-messages killed", "kills", "killed"),
  target("mesh-messages power", "cuts", "power-cut"),
];

function target(name: string, unit: string, how: HowNodesDie): SoakTarget {
  return {
    ...{ name, inputs: 1000, unit },
    async run(inputs, seed, report) {
      const counts = Array.from({ length: chains }, (_, chain) => Math.ceil((inputs - chain) / chains));
      const results = await Promise.all(
        counts.map((count, chain) => killedMesh(how, count, seed + chain, (line) => report(`chain ${chain}: ${line}`))),
      );
      const sum = (what: "accepted" | "arrived" | "seen") => results.reduce((total, each) => total + each[what], 0);
      report(`${sum("accepted")} accepted, ${sum("arrived")} arrived, ${sum("seen")} envelopes and announces`);
      return results.flatMap(({ faults }) => faults);
    },
  };
}
