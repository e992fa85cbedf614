/** Meetings of ten thousand elements each, which differ in none to a thousand of them: none may fail, or find other than what differs. */
import { standingsOf } from "@ropewalk/mesh/pure/messages/reconcile/element";
import { Random } from "@ropewalk/simnet/random";
import { twoSets } from "./pure/messages/reconcile/element-rows.ts";
import { MeetingPair } from "./pure/messages/reconcile/meeting-pair.ts";
import type { SoakTarget } from "./soak-target.ts";

const elements = 10_000;
const differences: readonly number[] = [0, 1, 2, 3, 10, 30, 100, 100, 100, 300, 1_000];

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh meetings",
    ...{ inputs: 10_000, unit: "meetings" },
    run(inputs, seed, report) {
      const octets = new Map<number, number[]>();
      const findings: string[] = [];
      for (let index = 0; index < inputs; index += 1) {
        const each = (seed + index) >>> 0;
        const differing = differences[index % differences.length] ?? 0;
        const met = meet(each, differing);
        octets.set(differing, [...(octets.get(differing) ?? []), met.octets]);
        if (met.fault !== undefined) findings.push(`seed ${each}, ${differing} differ: ${met.fault}`);
      }
      for (const [differing, all] of octets) {
        const average = all.reduce((sum, one) => sum + one, 0) / all.length;
        report(`${differing} differ: ${average.toFixed(0)} octets on the average, ${Math.max(...all)} at most`);
      }
      return findings;
    },
  },
];

function meet(seed: number, differing: number): { readonly octets: number; readonly fault: string | undefined } {
  const inOne = new Random(seed, "share").below(differing + 1);
  const { one, other } = twoSets(seed, elements - differing, inOne, differing - inOne);
  const pair = new MeetingPair(one, other, { seed, limits: { mostGiven: elements } });
  pair.low.begin();
  pair.settle();
  const found = [pair.low, pair.high].map(({ given }) => new Set(given.held));
  const expected = [missing(one, other), missing(other, one)];
  const hasAll = expected.every(
    (stems, side) => stems.length === found[side]?.size && stems.every((stem) => found[side]?.has(stem)),
  );
  const isDone = pair.low.ended === "met" && pair.high.ended === "met";
  // What is wanted beyond one frame is asked for in the next meeting.
  const isWhole = differing - inOne <= 511;
  const fault = !isDone ? "they did not meet" : !hasAll && isWhole ? "what differs was not found" : undefined;
  return { octets: pair.octets, fault };
}

function missing(elements: Uint32Array, others: Uint32Array): readonly string[] {
  const known = new Set(standingsOf(others).held);
  return standingsOf(elements).held.filter((stem) => !known.has(stem));
}
