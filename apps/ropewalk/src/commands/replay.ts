/** `ropewalk replay [FILE|FOLDER]`: makes the recorded inputs be decided once more, and says whether all comes out as it did. */
import { join } from "node:path";
import type { SegmentHeader } from "@ropewalk/backhaul/pure/replay/segment-header";
import { millis } from "@ropewalk/kernel/units";
import type { CommandContext, TextOutput } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { stateDirectory } from "../paths.ts";
import { eventLines, outcomeLines, segmentLines, timeText, wallText } from "../render/replay-view.ts";
import { findLogFiles } from "../replay/log-files.ts";
import { type ReplayObserver, type ReplayOutcome, replayFiles, type Stepped } from "../replay/replay-files.ts";

export const run: RunCommand = async (given, context) => {
  const place = given.operands[0] ?? join(stateDirectory(context).path, "decisions");
  const files = await findLogFiles(place, firstSegment(given));
  const total = files.reduce((sum, { octets }) => sum + octets, 0);
  const progress = createProgress(context, total);
  const isQuiet = given.flags.has("quiet");
  const write = (text: string) => {
    progress.clear();
    if (!isQuiet) context.output.write(text);
  };
  const view = given.flags.has("json") ? jsonView(write) : textView(write, context.version);
  const outcome = await replayFiles(files, { ...view, progressed: (octets) => progress.show(octets) });
  progress.clear();
  tell(outcome, given.flags.has("json"), context);
  return outcome.kind === "identical" ? exitCodes.ok : exitCodes.failed;
};

function firstSegment({ values }: GivenArguments): number | undefined {
  const text = values.get("from");
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new AppError("APP_USAGE", `--from takes the number of a segment, and "${text}" is none.`);
}

function tell(outcome: ReplayOutcome, isJson: boolean, { output, errors }: CommandContext): void {
  if (isJson) output.write(`${JSON.stringify({ ...outcome, kind: "result", outcome: outcome.kind })}\n`);
  else (outcome.kind === "identical" ? output : errors).write(`${outcomeLines(outcome).join("\n")}\n`);
}

type View = Omit<ReplayObserver, "progressed">;

function textView(write: (text: string) => void, version: string): View {
  return {
    opened: (header, before) =>
      write(
        segmentLines(header, before, version)
          .map((line) => `${line}\n`)
          .join(""),
      ),
    stepped({ input, before, events }, header) {
      for (const event of events) {
        for (const line of eventLines(event, before.picture)) write(`${timeText(input.at, header)}  ${line}\n`);
      }
    },
    torn: ({ file, line }) => write(`  line ${line} of ${file} was not written whole and is left out\n`),
  };
}

/** One object a line: every segment, every event as it was told, and the result. */
function jsonView(write: (text: string) => void): View {
  const tellLine = (value: object) => write(`${JSON.stringify(value)}\n`);
  return {
    opened({ segment, version, opening, wall, at }, _before, place) {
      tellLine({ kind: "segment", ...place, segment, version, opening, wall, atMs: at });
    },
    stepped: (step, header, place) => {
      for (const event of step.events) tellLine({ kind: "event", ...place, ...timesOf(step, header), event });
    },
    torn: (place) => tellLine({ kind: "torn", ...place }),
  };
}

function timesOf({ input }: Stepped, header: SegmentHeader): { readonly wall: string; readonly atMs: number } {
  return { wall: wallText(input.at, header), atMs: input.at };
}

interface Progress {
  show(octets: number): void;
  clear(): void;
}

/** A long log takes a while; how far it is stands on the terminal, below what is printed. */
function createProgress({ errors, clock }: CommandContext, total: number): Progress {
  if (!errors.isTerminal) return { show: () => {}, clear: () => {} };
  return terminalProgress(errors, total, () => clock.now());
}

const redrawAfter = millis(200);
const clearLine = "\r\u001b[K";

function terminalProgress(errors: TextOutput, total: number, now: () => number): Progress {
  let last = now();
  let isShown = false;
  return {
    show(octets) {
      if (now() - last < redrawAfter) return;
      last = now();
      isShown = true;
      errors.write(
        `${clearLine}${Math.floor((100 * octets) / Math.max(1, total))} % of ${(total / 1e6).toFixed(1)} MB`,
      );
    },
    clear() {
      if (isShown) errors.write(clearLine);
      isShown = false;
    },
  };
}
