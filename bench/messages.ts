/**
 * Messages of the mesh: how many octets a short one has on the wire, how many pass six nodes on loopback in a second with all checks and
 * durability on, and what that costs each of them; a relay's own part alone; what it costs two stores to find in what they differ.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { meetingOctets } from "./mesh/meeting-octets.ts";
import type { Part } from "./mesh/part.ts";
import { envelopeOctets } from "./messages/envelope-octets.ts";
import { postChain } from "./messages/post-chain.ts";
import { relayCost } from "./messages/relay-cost.ts";
import { describeMachine, type RaceOptions, type RaceReport } from "./race.ts";
import { RoundTable } from "./tunnel/round-table.ts";

const parts: Readonly<Record<string, Part>> = {
  octets: envelopeOctets,
  relay: relayCost,
  chain: postChain,
  meetings: meetingOctets,
};

/** `--only PART,…` of `parts`, `--rounds N`, of which each part does all before the next part begins. */
export async function race(options: RaceOptions): Promise<RaceReport> {
  const { only } = options;
  const chosen = Object.entries(parts).filter(([name]) => only === undefined || only.split(",").includes(name));
  if (chosen.length === 0) throw new Error(`--only ${only}: expected some of ${Object.keys(parts).join(", ")}`);
  const plan = { rounds: Number(options["rounds"] ?? 5), trials: 1, minutes: 0, from: "source" } as const;
  const table = new RoundTable();
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
  try {
    for (const [name, part] of chosen) {
      process.stderr.write(`${name}\n`);
      const own = join(folder, name);
      await mkdir(own);
      await part({ ...plan, isUnmemoised: false, reticulum: undefined, folder: own, table });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    ...{ race: "messages", machine: describeMachine(), rows: table.rows(), notes: table.notes },
    rounds: `${plan.rounds} rounds, medians`,
  };
}
