/** Kills a process that uses sequences, again and again at drawn points, and says what it used twice or out of order. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "@ropewalk/simnet/random";

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
      const lines = await killedAfter(join(folder, "sequence"), 1 + Math.floor(chance.unit() * 400), kill % 2 === 0);
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

/** What it had used when it died: at once when it had used `count`, or by a kill from here, wherever it was by then. */
function killedAfter(path: string, count: number, isByItself: boolean): Promise<readonly string[]> {
  const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
  const running = spawn(
    process.execPath,
    [...flags, child, path, String(block), String(isByItself ? count : Number.POSITIVE_INFINITY)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  return new Promise((resolve, reject) => {
    let text = "";
    let lines = 0;
    running.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      lines += chunk.split("\n").length - 1;
      if (lines >= count) running.kill("SIGKILL");
    });
    running.once("error", reject);
    // What it wrote last may be cut; it was not used before it was written whole.
    running.once("close", () => resolve(text.split("\n").slice(0, -1)));
  });
}
