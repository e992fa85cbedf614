/** What is done to the lab in each step of a demo. */
import type { Lab } from "../lab.ts";
import type { StepName } from "./pure/report.ts";
import { home } from "./pure/script.ts";

/** Resolve with the time just before, in nanoseconds of CLOCK_MONOTONIC. */
export const deeds: Readonly<Record<StepName, (lab: Lab) => Promise<{ readonly at: bigint }>>> = {
  cut: (lab) => lab.cut(home),
  repair: (lab) => lab.heal(home),
  blackhole: (lab) => lab.blackhole(home),
  recovery: (lab) => lab.heal(home),
};
