/** What a demo does: its steps in their order, how long each is looked at, and how Ropewalk is set for it. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { StepName } from "./report.ts";

export type Pace = "full" | "quick";

/** The uplink that is liked more, and the one that is there for its bad days. */
export const home = "wan0";
const refuge = "wan1";

export interface PlannedStep {
  readonly step: StepName;
  readonly deed: string;
  readonly from: string;
  readonly to: string;
}

export const plannedSteps: readonly PlannedStep[] = [
  { step: "cut", deed: `The cable of ${home} is cut.`, from: home, to: refuge },
  { step: "repair", deed: `The cable of ${home} is back.`, from: refuge, to: home },
  {
    step: "blackhole",
    deed: `The provider behind ${home} swallows everything, silently: the cable is in, the gateway answers ARP.`,
    from: home,
    to: refuge,
  },
  { step: "recovery", deed: `The provider behind ${home} carries again.`, from: refuge, to: home },
];

export interface Pauses {
  /** Before the first step, and behind each move. */
  readonly look: Millis;
  /** For each thing that must come about. */
  readonly limit: Millis;
}

export function pausesOf(pace: Pace): Pauses {
  return { look: pace === "quick" ? millis(500) : seconds(5), limit: pace === "quick" ? seconds(60) : seconds(20) };
}

/** Of Ropewalk's environment, without the ROPEWALK_ in front. The last two, 10 s each by default, are made short. */
export function settingsOf(pace: Pace): Readonly<Record<string, string>> {
  const patience = pace === "quick" ? "500ms" : "3s";
  return {
    BACKHAUL_MONITOR_ONLY: "false",
    BACKHAUL_CONFIRM_WITHIN: "0s",
    BACKHAUL_PROBE_PROFILE: "fast",
    BACKHAUL_SETTLING_RETURN_AFTER: patience,
    BACKHAUL_CHOICE_RETURN_FOR: patience,
  };
}
