/** Kills a process that has a store, again and again at drawn points, and says what was lost of what it was told is committed. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Random } from "@ropewalk/simnet/random";
import { differences, groupsDone } from "./stored-sequence.ts";
import { openStore, StoreFolder } from "./stores.ts";

const child = fileURLToPath(new URL("store-child.ts", import.meta.url));

export interface KilledStores {
  readonly faults: readonly string[];
  /** Groups that were committed. */
  readonly groups: number;
}

export async function killedStores(
  kills: number,
  seed: number,
  report?: (line: string) => void,
): Promise<KilledStores> {
  using folder = new StoreFolder();
  const chance = new Random(seed);
  const faults: string[] = [];
  let groups = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const told = await killedAfter(folder.path, 1 + Math.floor(chance.unit() * 200), kill % 2 === 0);
    await using store = await openStore(folder.path);
    groups = await groupsDone(store);
    if (store.opened.start === "salvaged") faults.push(`kill ${kill}: the store was damaged`);
    if (groups < told) faults.push(`kill ${kill}: ${told} were told to be committed, and ${groups} are there`);
    if (told === 0) faults.push(`kill ${kill}: nothing was written`);
    faults.push(...(await differences(store, groups)).map((difference) => `kill ${kill}: ${difference}`));
    if ((kill + 1) % 50 === 0) report?.(`${kill + 1} kills, ${groups} groups`);
  }
  return { faults, groups };
}

/** The last that it was told is committed: it ends at once when that were `count`, or by a kill from here, wherever it is by then. */
function killedAfter(path: string, count: number, isByItself: boolean): Promise<number> {
  const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
  const most = String(isByItself ? count : Number.POSITIVE_INFINITY);
  const running = spawn(process.execPath, [...flags, child, path, most], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let text = "";
    let lines = 0;
    running.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      lines += chunk.split("\n").length - 1;
      if (lines >= count) running.kill("SIGKILL");
    });
    running.once("error", reject);
    // What it wrote last may be cut.
    running.once("close", () => resolve(Number(text.split("\n").at(-2) ?? 0)));
  });
}
