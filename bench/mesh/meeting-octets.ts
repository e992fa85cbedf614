/** What two neighbours that keep ten thousand envelopes each say to find in what they differ, and what it costs them, beside lists of all they have. */
import { twoSets } from "../../packages/mesh/test/pure/messages/reconcile/element-rows.ts";
import { MeetingPair } from "../../packages/mesh/test/pure/messages/reconcile/meeting-pair.ts";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import type { Part } from "./part.ts";

const elements = 10_000;
const listsColumn = "lists of ids";
const idLength = 8;
/** How many differ, and what the octets both ways are to be at most. */
const goals: readonly (readonly [number, number])[] = [
  [0, 100],
  [1, 400],
  [100, 6_000],
  [1_000, 30_000],
];

export const meetingOctets: Part = async ({ table, rounds }) => {
  // The first round is the compiler's.
  for (let round = -1; round < rounds; round += 1) {
    for (const [differing, limit] of goals) {
      const { octets, took } = meet(Math.max(0, round), differing);
      if (round < 0) continue;
      const name = `two stores of ${elements.toLocaleString("en")} that differ in ${differing.toLocaleString("en")}`;
      const said: Figure = {
        ...{ metric: `${name}: octets both ways`, unit: "octets", better: "less" },
        goals: [{ kind: "figure", limit }],
      };
      table.record(said, ownColumn, round, octets);
      table.record(said, listsColumn, round, 2 * elements * idLength);
      table.record({ metric: `${name}: time of both`, unit: "ms", better: "less", goals: [] }, ownColumn, round, took);
    }
  }
  table.note(
    "Octets of a meeting have the lengths and heads of all its frames, and nothing of what is then given; lists of ids are both ends' ids of 8 octets, without any head. Half of what differs is at each end. Time is processor time of the process for both ends, with writing and reading the frames.",
  );
};

/** Throws where they do not find in what they differ. */
function meet(seed: number, differing: number): { readonly octets: number; readonly took: number } {
  const half = Math.floor(differing / 2);
  const { one, other } = twoSets(seed, elements - (differing - half), half, differing - half);
  const pair = new MeetingPair(one, other, { seed });
  const before = process.cpuUsage();
  pair.low.begin();
  pair.settle();
  const { user, system } = process.cpuUsage(before);
  const found = pair.low.given.held.length + pair.high.given.held.length;
  if (found !== differing) throw new Error(`of ${differing} that differ ${found} were found`);
  return { octets: pair.octets, took: (user + system) / 1000 };
}
