/**
 * The mesh: how soon six nodes on loopback and a thousand simulated ones find each other, what announces and messages have in octets and
 * what it costs to take them in, what two stores need to find in what they differ, beside Reticulum where it can be had.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { announceCost } from "./mesh/announce-cost.ts";
import { announceOctets } from "./mesh/announce-octets.ts";
import { chain } from "./mesh/chain.ts";
import { idle } from "./mesh/idle.ts";
import { meetingOctets } from "./mesh/meeting-octets.ts";
import { messageSealing } from "./mesh/message-sealing.ts";
import { messageStore } from "./mesh/message-store.ts";
import { bareColumn, type Part } from "./mesh/part.ts";
import { thousand } from "./mesh/thousand.ts";
import { describeMachine, type RaceOptions, type RaceReport } from "./race.ts";
import { RoundTable } from "./tunnel/round-table.ts";

const parts: Readonly<Record<string, Part>> = {
  chain,
  thousand,
  octets: announceOctets,
  announces: announceCost,
  meetings: meetingOctets,
  store: messageStore,
  sealing: messageSealing,
  idle,
};

/**
 * `--only PART,…` of `parts`, `--rounds N`, `--trials N` of a thousand nodes, `--minutes N` of idle nodes and what they are started
 * `--from`, `--unmemoised`.
 */
export async function race(options: RaceOptions): Promise<RaceReport> {
  const chosen = chosenParts(options["only"]);
  const plan = {
    ...{ rounds: Number(options["rounds"] ?? 5), trials: Number(options["trials"] ?? 1) },
    ...({ minutes: Number(options["minutes"] ?? 5), from: options["from"] === "dist" ? "dist" : "source" } as const),
  };
  const others = { isUnmemoised: options["unmemoised"] !== undefined, reticulum: process.env["RNS_PYTHON"] };
  const table = new RoundTable();
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
  try {
    for (const [name, part] of chosen) {
      process.stderr.write(`${name}\n`);
      const own = join(folder, name);
      await mkdir(own);
      await part({ ...plan, ...others, folder: own, table });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    ...{ race: "mesh", machine: describeMachine(), rows: table.rows(), notes: table.notes, baseline: bareColumn },
    rounds: `${plan.rounds} rounds, ${plan.trials} of a thousand nodes, ${plan.minutes} idle minutes from ${plan.from}; medians, and of ratios the medians of rounds' ratios`,
  };
}

function chosenParts(only: string | undefined): readonly [string, Part][] {
  const chosen = Object.entries(parts).filter(([name]) => only === undefined || only.split(",").includes(name));
  if (chosen.length === 0) throw new Error(`--only ${only}: expected some of ${Object.keys(parts).join(", ")}`);
  return chosen;
}
