/** Kills a process that has a store, again and again at drawn points, and says what was lost of what it was told is committed. */
import { fileURLToPath } from "node:url";
import { Random } from "@ropewalk/simnet/random";
import { linesUntilKilled } from "../killed-child.ts";
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
    const death = { lines: 1 + Math.floor(chance.unit() * 200), isByItself: kill % 2 === 0 };
    const told = Number((await linesUntilKilled(child, [folder.path], death)).at(-1) ?? 0);
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
