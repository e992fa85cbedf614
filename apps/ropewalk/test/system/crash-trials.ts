/** What the node can be killed at, and what must hold then: no way is lost, the next start ends what was begun, and purge all of it. */
import type { CrashSite, Fate, Life } from "./crash-site.ts";

/** From the steady state, if there is one before it, to the next. */
export interface Deed {
  readonly name: string;
  readonly do: (life: Life, site: CrashSite) => Promise<void>;
  /** What stands before it. */
  readonly begins: "untouched" | "installed" | "moved" | "cut";
  /** By hand: nothing is started any more, and the same command is given once more. */
  readonly ends: "installed" | "purged" | "purged by hand";
}

export const deeds: readonly Deed[] = [
  { name: "install", begins: "untouched", ends: "installed", do: (life) => life.settled() },
  { name: "switch", begins: "installed", ends: "installed", do: (life) => life.say("use", "wan1") },
  { name: "failback", begins: "moved", ends: "installed", do: (life) => life.say("use", "wan0") },
  {
    name: "cut",
    begins: "installed",
    ends: "installed",
    do: async (life, site) => {
      await site.cut();
      await life.isUsing("wan1");
    },
  },
  {
    name: "return",
    begins: "cut",
    ends: "installed",
    do: async (life, site) => {
      await site.heal();
      await life.isUsing("wan0");
    },
  },
  { name: "purge", begins: "installed", ends: "purged", do: (life) => life.say("purge") },
  { name: "purge without a node", begins: "installed", ends: "purged by hand", do: (life) => life.say("purge") },
];

export interface Trial {
  readonly hasDied: boolean;
  readonly changes: readonly string[];
  readonly faults: readonly string[];
}

/** One deed under one fate, on an untouched machine. */
export async function tryDeed(site: CrashSite, deed: Deed, fate: Fate): Promise<Trial> {
  const state = site.freshState();
  await using free = await site.streams("free");
  const isCut = deed.name === "cut" || deed.begins === "cut";
  await using bound = isCut ? undefined : await site.streams("bound");
  await using connections = deed.name === "cut" ? await site.connections() : undefined;
  await using life = site.life(state);
  if (deed.begins === "untouched") life.fate(fate);
  else {
    await life.settled();
    if (deed.begins === "moved") await life.say("use", "wan1");
    if (deed.begins === "cut") {
      await site.cut();
      await life.isUsing("wan1");
    }
    life.fate(fate);
  }
  const hasDied = await life.diesWhile(() => deed.do(life, site));
  const { changes } = life;
  await life.node.stop("SIGKILL");
  const faults = [await afterwards(site, deed, state), await site.lossOf(free, bound), await site.remains()];
  return { hasDied, changes, faults: [...faults.flat(), ...((await connections?.faults()) ?? [])] };
}

export interface Chain {
  readonly deaths: number;
  readonly faults: readonly string[];
}

/** Each life dies after so many changes, and the next goes on, until one has nothing left to do. */
export async function dieAllTheWay(site: CrashSite, what: "install" | "purge", each: number): Promise<Chain> {
  const state = site.freshState();
  await using free = await site.streams("free");
  await using bound = await site.streams("bound");
  if (what === "purge") {
    await using before = site.life(state);
    await before.settled();
    before.fate(`after ${each}`);
    await before.diesWhile(() => before.say("purge"));
  }
  for (let deaths = 0; ; deaths += 1) {
    await using life = site.life(state);
    life.fate(`after ${each}`);
    if (await life.diesWhile(() => (what === "purge" ? life.answers() : life.settled()))) continue;
    life.fate("never 0");
    if (what === "install") await life.say("purge");
    return { deaths, faults: [...(await site.lossOf(free, bound)), ...(await site.remains())] };
  }
}

/** The next start takes over what it finds, and gives it all back. */
async function afterwards(site: CrashSite, deed: Deed, state: string): Promise<readonly string[]> {
  if (deed.ends === "purged by hand") {
    await site.say(state, "purge");
    return site.remains();
  }
  await using next = site.life(state);
  if (deed.ends === "purged") {
    await next.answers();
    return site.remains();
  }
  await next.answers();
  if (deed.name === "cut") {
    await next.isUsing("wan1");
    await site.heal();
  }
  await next.settled();
  await next.say("purge");
  return [];
}
