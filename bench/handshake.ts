/**
 * What the tunnel's handshake takes and what strangers can do to it: the time until both ends have finished, beside others; keys
 * and certificates; a flood of ClientHellos; half-open connections; the first contact over a slow line.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstContact } from "./handshake/first-contact.ts";
import { flood } from "./handshake/flood.ts";
import { makeIdentities } from "./handshake/identities.ts";
import { keys, stall } from "./handshake/keys.ts";
import { memory } from "./handshake/memory.ts";
import type { Findings, Part } from "./handshake/part.ts";
import { setUp } from "./handshake/set-up.ts";
import { describeMachine, type RaceOptions, type RaceReport } from "./race.ts";

const parts: Readonly<Record<string, Part>> = {
  ...{ "set-up": setUp, keys, stall, flood, memory },
  "first-contact": firstContact,
};

/** `--only PART,…` of `parts`, `--rounds N`, `--trials N` of first contacts. */
export async function race(options: RaceOptions): Promise<RaceReport> {
  const chosen = chosenParts(options["only"]);
  const rounds = Number(options["rounds"] ?? 5);
  const trials = Number(options["trials"] ?? 1);
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
  try {
    const tunnel = await makeIdentities(folder, { algorithm: "ml-dsa-65", hasKemKeys: true });
    const found: Findings[] = [];
    for (const [name, part] of chosen) {
      process.stderr.write(`${name}\n`);
      const own = join(folder, name);
      await mkdir(own);
      found.push(await part({ folder: own, tunnel, rounds, trials }));
    }
    return {
      ...{ race: "handshake", machine: describeMachine(), rounds: `${rounds} rounds, ${trials} first contacts` },
      ...{ rows: found.flatMap(({ rows }) => rows), notes: found.flatMap(({ notes }) => notes) },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function chosenParts(only: string | undefined): readonly [string, Part][] {
  const chosen = Object.entries(parts).filter(([name]) => only === undefined || only.split(",").includes(name));
  if (chosen.length === 0) throw new Error(`--only ${only}: expected some of ${Object.keys(parts).join(", ")}`);
  return chosen;
}
