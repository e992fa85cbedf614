/** What a demo found out, step by step, and whether each came out as said. Everything in it is fit for JSON. */
import type { CallFigures, DownloadFigures } from "./figures.ts";

export type StepName = "cut" | "repair" | "blackhole" | "recovery";

/** What Ropewalk said of a step; null where it said nothing. */
export interface Told {
  /** From the change to the moment at which, as it says, the kernel had the move. */
  readonly toldAfterMs: number | null;
  readonly cause: string | null;
  /** Its first word on the uplink that was changed. */
  readonly verdict: string | null;
}

export interface Step {
  readonly step: StepName;
  /** What was done, as a sentence. */
  readonly deed: string;
  readonly from: string;
  readonly to: string;
  readonly ropewalk: Told;
  /** `by` is the uplink at the step's end, as the far end saw it; null when it saw none. */
  readonly call: CallFigures & { readonly by: string | null; readonly isAnswered: boolean };
  readonly download: DownloadFigures & {
    readonly by: string | null;
    readonly megabitsPerSecondBefore: number;
    readonly megabitsPerSecondAfter: number;
  };
  /** The uplink of a call that was begun at the step's end; null where none was. */
  readonly nextCallBy: string | null;
  /** What did not come out as said; empty when all did. */
  readonly wrong: readonly string[];
}

export interface DemoReport {
  readonly kind: "demo";
  readonly ok: boolean;
  readonly uplinks: readonly { readonly name: string; readonly isp: string; readonly address: string }[];
  readonly settings: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Of the machine before Ropewalk and behind `ropewalk uplink purge`: the commands that print something else. */
  readonly leftBehind: readonly string[];
  readonly tookSeconds: number;
}

/** As everything but the judgement. */
export type Observed = Omit<Step, "wrong">;

/** A death moves traffic and nothing goes on being lost; a return loses nothing at all, and ends nothing. */
export function wrongIn(observed: Observed): readonly string[] {
  const { step, to, ropewalk, call, download } = observed;
  const checks: (readonly [isRight: boolean, otherwise: string])[] = [
    [ropewalk.cause !== null, `Ropewalk did not say that it moved traffic to ${to}`],
    [call.isAnswered, "the call was not answered any more in the end"],
    [download.by === to, `the download came by ${download.by ?? "no uplink"} in the end, not by ${to}`],
    [download.megabitsPerSecondAfter > 0, "the download stood still in the end"],
  ];
  switch (step) {
    case "cut":
    case "blackhole":
      checks.push([call.by === to, `the call went by ${call.by ?? "no uplink"} in the end, not by ${to}`]);
      break;
    case "repair":
    case "recovery":
      checks.push(
        [call.lost === 0, `the call lost ${call.lost} packets by a planned move`],
        [call.by === observed.from, `the call that ran left ${observed.from}`],
        [download.broken.length === 0, `the download broke: ${download.broken.join(", ")}`],
        [observed.nextCallBy === to, `a new call went by ${observed.nextCallBy ?? "no uplink"}, not by ${to}`],
      );
      break;
  }
  return checks.filter(([isRight]) => !isRight).map(([, otherwise]) => otherwise);
}
