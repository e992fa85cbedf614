/** Kills a process that uses sequences, again and again at drawn points, and says what it used twice or out of order. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "@ropewalk/simnet/random";
import { linesUntilKilled } from "./killed-child.ts";

const child = fileURLToPath(new URL("sequence-child.ts", import.meta.url));
/** So that a kill falls on the keeping of a block as often as between two. */
const block = 3;

export interface KilledRun {
  readonly faults: readonly string[];
  readonly used: number;
}

export async function killedSequences(
  kills: number,
  seed: number,
  report?: (line: string) => void,
): Promise<KilledRun> {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-sequences-"));
  try {
    const chance = new Random(seed);
    const faults: string[] = [];
    let last: readonly [number, number] = [0, -1];
    let used = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const death = { lines: 1 + Math.floor(chance.unit() * 400), isByItself: kill % 2 === 0 };
      // One that was not written whole was not used.
      const lines = await linesUntilKilled(child, [join(folder, "sequence"), String(block)], death);
      for (const line of lines) {
        const [epoch = 0, sequence = 0] = line.split(" ").map(Number);
        const isNew = epoch > last[0] || (epoch === last[0] && sequence > last[1]);
        if (!isNew) faults.push(`kill ${kill}: ${line} was used after ${last.join(" ")}`);
        last = [epoch, sequence];
        used += 1;
      }
      if (lines.length === 0) faults.push(`kill ${kill}: nothing was used`);
      if ((kill + 1) % 100 === 0) report?.(`${kill + 1} kills, ${used} sequences`);
    }
    return { faults, used };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
