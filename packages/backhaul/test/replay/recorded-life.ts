/** A life and the log of it: segments of lines as the shell writes them, short ones, so that a few thousand steps rotate often. */
import { chain, chainStart, checkText } from "@ropewalk/backhaul/pure/replay/chain";
import { DecisionReplay, type ReplayedLine } from "@ropewalk/backhaul/pure/replay/replay";
import { type Recorded, SegmentRecorder } from "@ropewalk/backhaul/pure/replay/segment-recorder";
import { RandomLife } from "./random-life.ts";

export class RecordedSteps {
  readonly segments: string[][] = [];
  readonly kinds = new Map<string, number>();
  #recorder: SegmentRecorder | undefined;
  readonly #linesInSegment: number;

  constructor(linesInSegment: number) {
    this.#linesInSegment = linesInSegment;
  }

  get steps(): number {
    return [...this.kinds.values()].reduce((sum, count) => sum + count, 0);
  }

  record(recorded: Recorded): void {
    const { input, config } = recorded;
    this.kinds.set(input.kind, (this.kinds.get(input.kind) ?? 0) + 1);
    const last = this.segments.at(-1);
    if (this.#recorder === undefined || last === undefined || last.length >= this.#linesInSegment) {
      this.#recorder = recorderFor(recorded, this.segments.length + 1);
      this.segments.push([this.#recorder.headerLine]);
    }
    const configured = this.#recorder.configured(config);
    const lines = configured === undefined ? [] : [configured];
    this.segments.at(-1)?.push(...lines, this.#recorder.input(recorded));
  }
}

export class RecordedLife extends RecordedSteps {
  constructor(seed: number, steps: number, linesInSegment: number) {
    super(linesInSegment);
    const life = new RandomLife(seed, (recorded) => this.record(recorded));
    while (this.steps < steps) life.live();
  }
}

/** A recorder whose segment begins before this step. */
export function recorderFor({ before, config }: Recorded, segment = 1): SegmentRecorder {
  return new SegmentRecorder({
    version: "0.1.0",
    segment,
    opening: { kind: segment === 1 ? "start" : "full" },
    wall: "2026-11-20T12:00:00.000Z",
    at: before.now,
    config,
    state: before,
  });
}

/** What becomes of each line, up to the first that is no repetition of what was decided. */
export function replayed(lines: Iterable<string>): readonly ReplayedLine[] {
  const replay = new DecisionReplay();
  const told: ReplayedLine[] = [];
  for (const line of lines) {
    const outcome = replay.take(line);
    told.push(outcome);
    if (outcome.kind === "different" || outcome.kind === "unreadable") break;
  }
  return told;
}

/** The lines as if they had been recorded so: each with the check that follows from those before it. */
export function chained(lines: readonly string[]): readonly string[] {
  let check = chainStart;
  return lines.map((line) => {
    const [end, open] = line.startsWith("{")
      ? ['"}', line.slice(0, line.lastIndexOf(',"check":"'))]
      : ['"]', line.slice(0, line.lastIndexOf(',"'))];
    check = chain(line.startsWith("{") ? chainStart : check, open);
    return `${open}${line.startsWith("{") ? ',"check":"' : ',"'}${checkText(check)}${end}`;
  });
}
