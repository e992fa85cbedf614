/**
 * Cuts, one after the other, on a tunnel under load, and how long after each the streams went on: from when the link was back until
 * a question was answered that had been asked after the cut.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Cut, type CutPlace, cutPlan } from "./cut-plan.ts";
import type { Rule } from "./fault.ts";
import { LoadProcesses } from "./load-processes.ts";
import type { ProxyProcess } from "./proxy-process.ts";
import { TunnelPair } from "./tunnel-pair.ts";

export interface CutsWanted {
  readonly seed: number;
  readonly cuts: number;
  /** That live at once. */
  readonly streams: number;
  readonly report?: (line: string) => void;
}

/** What went wrong, none when all is well, and how soon the streams went on. */
export async function runCuts({ seed, cuts, streams, report = () => {} }: CutsWanted): Promise<{
  readonly faults: readonly string[];
  readonly summary: string;
}> {
  await using load = await LoadProcesses.start(seed, 2);
  const rekey = `{ bytes = ${rekeyBytes} }`;
  await using pair = await TunnelPair.start({ targets: { load: load.port }, tunnel: { rekey } });
  await load.pulse(pair.port("load"));
  load.begin({ port: pair.port("load"), streams });
  const results: CutResult[] = [];
  const stopped: string[] = [];
  try {
    for (const cut of cutPlan(seed, cuts)) {
      results.push(await performCut({ proxy: pair.proxy, load, rekeyBytes }, cut));
      if (results.length % 50 === 0) report(describeCuts(results));
    }
  } catch (error) {
    stopped.push(String(error));
  }
  const { faults, ...verdict } = await load.finish(stopped.length > 0 ? 5_000 : finishDeadline);
  const carried = `${verdict.streams} streams, ${(verdict.octets / 2 ** 20).toFixed(0)} MiB`;
  const all = [...stopped, ...faults];
  return {
    faults: all.length > 0 ? [...all.slice(0, mostTold), pair.logs] : [],
    summary: `${carried}; ${describeCuts(results)}`,
  };
}

const rekeyBytes = 1 << 20;
const finishDeadline = 60_000;
const mostTold = 20;

interface CutRun {
  readonly proxy: ProxyProcess;
  readonly load: LoadProcesses;
  /** Of one key, as the ends are configured. */
  readonly rekeyBytes: number;
}

interface CutResult {
  readonly cut: Cut;
  /** Milliseconds. */
  readonly resumedAfter: number;
  /** False when the place was not reached in time, and the cut came elsewhere. */
  readonly isInPlace: boolean;
}

const placeDeadline = 5_000;
/** What one cut may take before it is a fault; backoff behind several of them in a row is part of it. */
const resumeDeadline = 20_000;
const lookAround = 40_000;
const resumeOctets = 600;

/** Throws when the streams do not go on. */
export async function performCut(run: CutRun, cut: Cut): Promise<CutResult> {
  const { proxy, load } = run;
  const { at, isInPlace } = await cutThere(run, cut);
  const back = cut.act.kind === "blackhole" ? await backAfter(proxy, at) : at;
  const beat = await load.beat(at, back, resumeDeadline).catch((cause: unknown) => {
    throw new Error(`the streams did not go on behind ${JSON.stringify(cut)}`, { cause });
  });
  proxy.forget();
  await delay(cut.restMs);
  return { cut, resumedAfter: beat - back, isInPlace };
}

async function cutThere(run: CutRun, cut: Cut): Promise<{ readonly at: number; readonly isInPlace: boolean }> {
  const { proxy } = run;
  const id = proxy.arm(ruleOf(run, cut));
  // The place is in what follows a cut: the next handshake, the next lane.
  if (cut.place !== "record") await proxy.act(cut.act.kind === "fin" ? { kind: "fin" } : { kind: "reset" });
  try {
    const { at } = await proxy.seen("did", ({ rule }) => rule === id, placeDeadline);
    return { at, isInPlace: true };
  } catch {
    proxy.tell({ kind: "disarm", rule: id });
    return { at: await proxy.act(cut.act), isInPlace: false };
  }
}

function ruleOf({ proxy, rekeyBytes }: CutRun, { place, act, direction, share }: Cut): Omit<Rule, "id"> {
  const places: Readonly<Record<CutPlace, Omit<Rule, "id" | "direction" | "act">>> = {
    record: { of: "lane", which: "live", after: Math.floor(share * 200_000) },
    handshake: { of: "handshake", which: "next", after: Math.floor(share * proxy.longestHandshake[direction]) },
    resume: { of: "lane", which: "next", after: Math.floor(share * resumeOctets) },
    rekey: { of: "lane", which: "next", after: Math.floor(rekeyBytes + (share - 0.25) * lookAround) },
  };
  return { ...places[place], direction, act };
}

async function backAfter(proxy: ProxyProcess, since: number): Promise<number> {
  return (await proxy.seen("returned", ({ at }) => at >= since)).at;
}

/** The share of `values` that is not above it. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** One line for a log: all, and each place. */
export function describeCuts(results: readonly CutResult[]): string {
  const line = (name: string, some: readonly CutResult[]) => {
    const took = some.map(({ resumedAfter }) => resumedAfter);
    return `${name} ${some.length}: p50 ${percentile(took, 0.5).toFixed(0)} ms, p99 ${percentile(took, 0.99).toFixed(0)} ms`;
  };
  const groups = Map.groupBy(results, ({ cut }) => `${cut.place} ${cut.act.kind}`);
  const away = results.filter(({ isInPlace }) => !isInPlace).length;
  return [line("cuts", results), ...[...groups].map(([name, some]) => line(name, some)), `${away} elsewhere`].join(
    "; ",
  );
}
