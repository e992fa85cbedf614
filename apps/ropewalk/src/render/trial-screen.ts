/**
 * The board of a trial: on a terminal it stays current in place, with the newest lines below it; elsewhere each event is a line; for
 * programs each is a document.
 */
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import type { Timer } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import type { TunnelStatus } from "@ropewalk/tunnel/status";
import type { CommandContext } from "../command-context.ts";
import { createLiveRegion } from "./live-region.ts";
import { createPaint } from "./paint.ts";
import { durationText, sizeText } from "./quantity.ts";
import { trialBody, trialHead, trialKeys } from "./trial-view.ts";
import { tunnelEventLine } from "./tunnel-event-line.ts";

interface ShownTrial {
  readonly httpPort: number;
  readonly echoPort: number;
  readonly source: () => TunnelStatus;
  readonly download: () => DownloadResult;
}

interface DownloadResult {
  readonly octets: number;
  readonly wrong: number;
  readonly longestStall: number;
  readonly ended: string | undefined;
}

export interface TrialScreen {
  tell(end: "source" | "destination", event: TunnelEventDocument): void;
  begin(trial: ShownTrial, cuts: () => number): void;
  end(result: DownloadResult & { readonly cuts: number }): void;
}

export function createTrialScreen(context: CommandContext, isJson: boolean): TrialScreen {
  const screen = isJson ? jsonScreen(context) : context.output.isTerminal ? liveScreen(context) : lineScreen(context);
  let isOver = false;
  return {
    begin: screen.begin,
    // How the ends take leave of each other is no news.
    tell: (end, event) => {
      if (!isOver) screen.tell(end, event);
    },
    end: (result) => {
      isOver = true;
      screen.end(result);
    },
  };
}

function jsonScreen({ output }: CommandContext): TrialScreen {
  const write = (document: object) => output.write(`${JSON.stringify(document)}\n`);
  return {
    tell: (end, event) => write({ end, event }),
    begin: ({ httpPort, echoPort }) => write({ listening: { httpPort, echoPort } }),
    end: ({ cuts, octets, wrong, longestStall, ended }) => {
      const download = { octets, wrong, longestStallMs: longestStall, ended: ended ?? null };
      write({ result: { cuts, download } });
    },
  };
}

function lineScreen({ output, version }: CommandContext): TrialScreen {
  const write = (lines: readonly string[]) => output.write(`${lines.join("\n")}\n`);
  return {
    tell: (end, event) => write([`${end} ${tunnelEventLine(event)}`]),
    begin: ({ httpPort, echoPort }) => write(trialHead({ version, httpPort, echoPort })),
    end: (result) => write(resultLines(result)),
  };
}

const drawEvery = millis(250);
const newestLines = 6;

function liveScreen({ output, clock, version }: CommandContext): TrialScreen {
  const paint = createPaint(output.hasColour);
  const region = createLiveRegion(output);
  const told: string[] = [];
  let timer: Timer | undefined;
  return {
    tell(end, event) {
      told.push(`${end.padEnd(11)} ${tunnelEventLine(event).slice(11)}`);
      if (told.length > newestLines) told.shift();
    },
    begin(trial, cuts) {
      output.write(`${trialHead({ version, ...trial }).join("\n")}\n`);
      const draw = () => {
        const picture = { source: trial.source(), download: trial.download(), cuts: cuts(), at: clock.wall() };
        const lines = told.map((line) => `  ${paint.dim(line)}`);
        region.draw([...trialBody(picture, paint), "", ...lines, "", trialKeys]);
        timer = clock.after("board of a trial", drawEvery, draw);
      };
      draw();
    },
    end(result) {
      timer?.[Symbol.dispose]();
      region.release();
      output.write(`\n${resultLines(result).join("\n")}\n`);
    },
  };
}

function resultLines({ cuts, octets, wrong, longestStall, ended }: Parameters<TrialScreen["end"]>[0]) {
  const times = cuts === 1 ? "once" : `${cuts} times`;
  const what = `The line was cut ${times}; the download of ${sizeText(octets)} had ${wrong} wrong octets`;
  const pause = `, and its longest pause was ${durationText(longestStall)}.`;
  return [`${what}${pause}`, ...(ended === undefined ? [] : [`It ended before it should: ${ended}.`])];
}
