/**
 * The tunnel's demo: an ssh session and a download live through a cut cable, a silent blackhole and two returns. Every figure is measured
 * while it runs; nothing is left when it ends, but that a kill leaves a folder of keys that fit nothing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deeds } from "../demo/deeds.ts";
import type { DemoOptions } from "../demo/demo.ts";
import { Patience } from "../demo/patience.ts";
import { milliseconds } from "../demo/pure/figures.ts";
import type { Told } from "../demo/pure/report.ts";
import { home, type PlannedStep, pausesOf, plannedSteps, settingsOf } from "../demo/pure/script.ts";
import { createLab } from "../lab.ts";
import { drawLab } from "../pure/drawing.ts";
import { RopewalkInLab } from "../ropewalk-in-lab.ts";
import { openingLines, stepLines, summaryLines } from "./pure/tunnel-narration.ts";
import {
  type ObservedStep,
  type TunnelReport,
  type TunnelStep,
  wrongInAll,
  wrongInStep,
} from "./pure/tunnel-report.ts";
import { tunnelPaceOf } from "./pure/tunnel-script.ts";
import { TunnelStage } from "./tunnel-stage.ts";

/** Rejects with the signal's reason once it is aborted; throws LabError. */
export async function runTunnelDemo({ pace, launcher, say }: DemoOptions, signal: AbortSignal): Promise<TunnelReport> {
  const began = performance.now();
  const pauses = pausesOf(pace);
  const settings = settingsOf(pace);
  const { file, mode } = tunnelPaceOf(pace);
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-lab-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const lab = stack.use(await createLab({ uplinks: 2 }));
  const drawing = drawLab(lab.uplinks.map((uplink) => ({ uplink, faults: [] })));
  for (const line of openingLines(drawing, file, settings)) say(line);
  const patience = new Patience(signal, pauses.limit);
  const ropewalk = new RopewalkInLab(lab, launcher, settings);
  await using stage = await TunnelStage.set(lab, { ropewalk, launcher, folder, file, mode }, patience, say);
  await patience.rest(pauses.look);
  const steps: TunnelStep[] = [];
  for (const [index, planned] of plannedSteps.entries()) {
    say(`\n${index + 1}. ${planned.deed}`);
    const step = await take(stage, planned, patience, () => patience.rest(pauses.look));
    steps.push(step);
    for (const line of stepLines(step)) say(line);
  }
  say("\nThe rest of the file …");
  const ending = await finish(stage, file.length, signal);
  const ok = wrongInAll(ending).length === 0 && steps.every(({ wrong }) => wrong.length === 0);
  const tookSeconds = Math.round((performance.now() - began) / 1_000);
  const report: TunnelReport = { kind: "tunnel", ok, settings, steps, ...ending, tookSeconds };
  say("");
  for (const line of summaryLines(report)) say(line);
  return report;
}

/** Half a second: of rates, and within which a session that lives has an echo. */
const lookBack = 500_000_000n;

async function take(
  stage: TunnelStage,
  planned: PlannedStep,
  patience: Patience,
  look: () => Promise<void>,
): Promise<TunnelStep> {
  const { ssh, download, voice, tunnel } = stage;
  const { step, deed, from, to } = planned;
  const saidAt = Date.now();
  const { at } = await deeds[step](stage.lab);
  await patience.until(() => voice.story.moveTo(to, at) !== undefined && tunnel.story.by === to);
  await look();
  const now = process.hrtime.bigint();
  const echoes = ssh.echoes.figures(at, now);
  const lately = ssh.echoes.figures(now - lookBack, now);
  const observed: ObservedStep = {
    ...{ step, deed, from, to, node: toldOf(stage, planned, at) },
    lane: tunnel.story.since(saidAt).map(({ at: told, ...word }) => ({ ...word, afterMs: told - saidAt })),
    laneBy: tunnel.story.by ?? null,
    ssh: { ...echoes, isAnswered: lately.keys > lately.waiting },
    download: {
      longestPauseMs: download.longestPauseSince(at, now),
      megabitsPerSecondAfter: download.megabitsPerSecond(now - lookBack, now),
    },
  };
  return { ...observed, wrong: wrongInStep(observed) };
}

/** The download to its end, and then each key to its echo. */
async function finish({ ssh, download, tunnel }: TunnelStage, wanted: number, signal: AbortSignal) {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const over = await Promise.race([download.over, stopped]);
  signal.removeEventListener("abort", stop);
  ssh.pause();
  await new Patience(signal, pausesOf("quick").limit).until(() => {
    const { pressed, echoed } = ssh.echoes.totals;
    return pressed === echoed || ssh.ended !== undefined;
  });
  return {
    ssh: { ...ssh.echoes.totals, ended: ssh.ended ?? null },
    download: { octets: over.total, wanted, isWhole: over.isWhole, broken: download.broken ?? null },
    sessions: { begun: tunnel.story.count("started"), lost: tunnel.story.count("session-lost") },
  };
}

function toldOf({ voice: { story } }: TunnelStage, { to }: PlannedStep, at: bigint): Told {
  const move = story.moveTo(to, at);
  return {
    toldAfterMs: move === undefined ? null : milliseconds(move.at - at),
    cause: move?.cause ?? null,
    verdict: story.verdictOn(home, at)?.reason ?? null,
  };
}
