/** Lets a process write to a store, and says what would be lost of what it was told is committed if the power failed at drawn points. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "@ropewalk/simnet/random";
import { afterPowerCut, type DiskEvent, diskEvents, straceOptions } from "./disk-trace.ts";
import { differences, groupsDone } from "./stored-sequence.ts";
import { openStore, StoreFolder } from "./stores.ts";

const child = fileURLToPath(new URL("store-child.ts", import.meta.url));
/** So many that the journal is moved to the file and begun again in between. */
const groupsWritten = 320;

export interface PowerCuts {
  readonly faults: readonly string[];
  /** Of the whole run: groups that were told to be committed, and how often the disk was waited for. */
  readonly told: number;
  readonly syncs: number;
}

export async function powerCuts(cuts: number, seed: number): Promise<PowerCuts> {
  const events = await tracedRun();
  const chance = new Random(seed);
  const faults: string[] = [];
  for (let cut = 0; cut < cuts; cut += 1) {
    const end = Math.floor(chance.unit() * events.length);
    faults.push(...(await faultsOf(events.slice(0, end), chance)).map((fault) => `cut behind event ${end}: ${fault}`));
  }
  return { faults, told: toldBy(events), syncs: events.filter(({ kind }) => kind === "sync").length };
}

async function tracedRun(): Promise<readonly DiskEvent[]> {
  using folder = new StoreFolder();
  const trace = `${folder.path}.trace`;
  const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
  const words = [process.execPath, ...flags, child, folder.path, String(groupsWritten)];
  const { error } = spawnSync("strace", ["-o", trace, ...straceOptions, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined) throw error;
  return diskEvents(readFileSync(trace, "utf8"));
}

async function faultsOf(events: readonly DiskEvent[], chance: Random): Promise<readonly string[]> {
  using folder = new StoreFolder();
  for (const [name, octets] of afterPowerCut(events, chance))
    if (!name.endsWith(".reserve")) writeFileSync(join(dirname(folder.path), basename(name)), octets);
  const told = toldBy(events);
  await using store = await openStore(folder.path);
  const done = await groupsDone(store);
  return [
    ...(store.opened.start === "salvaged" ? ["the store was damaged"] : []),
    ...(done < told ? [`${told} groups were told to be committed, and ${done} are there`] : []),
    ...(await differences(store, done)),
  ];
}

/** The last group that was told to be committed. */
function toldBy(events: readonly DiskEvent[]): number {
  const last = events.findLast(({ kind }) => kind === "told");
  return last?.kind === "told" ? Number(last.line) : 0;
}
