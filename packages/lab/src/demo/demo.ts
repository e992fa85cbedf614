/**
 * The demo: a newcomer sees a call and a download live through a cut cable, a silent blackhole and two returns, and what each
 * did to them. Every figure is measured while it runs; nothing is left when it ends, however it ends.
 */
import { createLab, type Lab } from "../lab.ts";
import { differences, takeSnapshot } from "../machine-snapshot.ts";
import { drawLab } from "../pure/drawing.ts";
import { publicAddress } from "../pure/topology.ts";
import { RopewalkInLab } from "../ropewalk-in-lab.ts";
import { deeds } from "./deeds.ts";
import { Patience } from "./patience.ts";
import { milliseconds } from "./pure/figures.ts";
import { openingLines, stepLines, summaryLines } from "./pure/narration.ts";
import { type DemoReport, type Observed, type Step, type StepName, type Told, wrongIn } from "./pure/report.ts";
import { home, type Pace, type Pauses, type PlannedStep, pausesOf, plannedSteps, settingsOf } from "./pure/script.ts";
import { type Say, Stage } from "./stage.ts";

export interface DemoOptions {
  readonly pace: Pace;
  /** The path of `bin/ropewalk.mjs`. */
  readonly launcher: string;
  readonly say: Say;
}

/** Rejects with the signal's reason once it is aborted; throws LabError. */
export async function runDemo({ pace, launcher, say }: DemoOptions, signal: AbortSignal): Promise<DemoReport> {
  const began = performance.now();
  const pauses = pausesOf(pace);
  const settings = settingsOf(pace);
  const patience = new Patience(signal, pauses.limit);
  await using lab = await createLab({ uplinks: 2 });
  const edge = lab.host("edge");
  const before = await takeSnapshot(edge);
  const drawing = drawLab(lab.uplinks.map((uplink) => ({ uplink, faults: [] })));
  for (const line of openingLines(drawing, settings)) say(line);
  const ropewalk = new RopewalkInLab(lab, launcher, settings);
  const steps = await play(lab, ropewalk, { patience, pauses, say });
  await ropewalk.run(["uplink", "purge"]);
  const leftBehind = differences(before, await takeSnapshot(edge));
  const report: DemoReport = {
    kind: "demo",
    ok: leftBehind.length === 0 && steps.every(({ wrong }) => wrong.length === 0),
    uplinks: lab.uplinks.map((uplink) => ({ name: uplink.name, isp: uplink.isp, address: publicAddress(uplink) })),
    settings,
    steps,
    leftBehind,
    tookSeconds: Math.round((performance.now() - began) / 1_000),
  };
  say("");
  for (const line of summaryLines(report)) say(line);
  return report;
}

interface Direction {
  readonly patience: Patience;
  readonly pauses: Pauses;
  readonly say: Say;
}

/** All steps, then nothing runs any more but Ropewalk. */
async function play(lab: Lab, ropewalk: RopewalkInLab, direction: Direction): Promise<readonly Step[]> {
  const { patience, pauses, say } = direction;
  await using stage = await Stage.set(lab, ropewalk, patience, say);
  await patience.rest(pauses.look);
  const steps: Step[] = [];
  for (const [index, planned] of plannedSteps.entries()) {
    say(`\n${index + 1}. ${planned.deed}`);
    const step = await take(stage, planned, direction);
    steps.push(step);
    for (const line of stepLines(step)) say(line);
  }
  return steps;
}

async function take(stage: Stage, planned: PlannedStep, { patience, pauses }: Direction): Promise<Step> {
  const { call, download, voice } = stage;
  const { step, from, to } = planned;
  const { at } = await deeds[step](stage.lab);
  await patience.until(() => voice.story.moveTo(to, at) !== undefined);
  await patience.until(() => download.by === to && (isReturn(step) || call.by === to));
  await patience.rest(pauses.look);
  const now = process.hrtime.bigint();
  const observed: Omit<Observed, "nextCallBy"> = {
    ...{ step, deed: planned.deed, from, to },
    ropewalk: toldOf(stage, planned, at),
    call: { ...call.figures(at, now), by: call.by, isAnswered: call.isAnsweredSince(now - lookBack) },
    download: {
      ...download.figuresSince(at),
      by: download.by,
      megabitsPerSecondBefore: download.megabitsPerSecond(at - lookBack, at),
      megabitsPerSecondAfter: download.megabitsPerSecond(now - lookBack, now),
    },
  };
  const complete: Observed = { ...observed, nextCallBy: isReturn(step) ? await callAgain(stage, to, patience) : null };
  return { ...complete, wrong: wrongIn(complete) };
}

/** Half a second: of rates, and within which a call that lives is answered. */
const lookBack = 500_000_000n;

/** Then the flows that are there stay where they are, until they end. */
function isReturn(step: StepName): boolean {
  return step === "repair" || step === "recovery";
}

async function callAgain({ call }: Stage, to: string, patience: Patience): Promise<string | null> {
  await call.again();
  await patience.until(() => call.by === to && call.isAnsweredSince(0n));
  return call.by;
}

function toldOf({ voice: { story } }: Stage, { to }: PlannedStep, at: bigint): Told {
  const move = story.moveTo(to, at);
  return {
    toldAfterMs: move === undefined ? null : milliseconds(move.at - at),
    cause: move?.cause ?? null,
    verdict: story.verdictOn(home, at)?.reason ?? null,
  };
}
