/** Candidates and an uplink choice over time, for tests. */
import type { Candidate } from "@ropewalk/backhaul/pure/candidate";
import { type Choice, type ChoiceState, choose, noChoice } from "@ropewalk/backhaul/pure/choice";
import type { ChoiceConfig } from "@ropewalk/backhaul/pure/health/health-config";
import { reasonCodes, type ScoreStatus, type UplinkReasonCode, type UplinkState } from "@ropewalk/backhaul/status";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";

/** The defaults. */
export const config: ChoiceConfig = { margin: 100, betterFor: seconds(60), returnFor: seconds(10) };

export function candidate(name: string, changes: Partial<Candidate> = {}): Candidate {
  const uplinkId = `mac-${name}` as UplinkId;
  return {
    uplinkId,
    name,
    kind: "ethernet",
    metered: null,
    metric: 100,
    ...as("not-measured"),
    score: null,
    range: null,
    isBreaking: false,
    isUsable: true,
    order: null,
    ...changes,
  };
}

/** State and reason of a candidate. */
export function as(code: UplinkReasonCode, text: string = code): Pick<Candidate, "state" | "reason"> {
  const states = Object.keys(reasonCodes) as UplinkState[];
  const state = states.find((one) => (reasonCodes[one] as readonly string[]).includes(code)) ?? "unknown";
  return { state, reason: { code, text } };
}

/** Up, with a score. */
export function up(total: number): Pick<Candidate, "state" | "reason" | "score"> {
  return { ...as("healthy"), score: score(total) };
}

export function score(total: number): ScoreStatus {
  return { total, latency: 0, loss: 0, success: 0, bias: 0 };
}

export const unplugged: Partial<Candidate> = { ...as("no-carrier"), isUsable: false };

/** A choice that is asked again and again; every call may let time pass first. */
export class Chooser {
  state: ChoiceState = noChoice;
  now: Millis = millis(0);
  last: Choice | undefined;
  switches = 0;
  readonly config: ChoiceConfig;

  constructor(changes: Partial<ChoiceConfig> = {}) {
    this.config = { ...config, ...changes };
  }

  /** The name of the chosen one. */
  ask(...candidates: readonly Candidate[]): string | null {
    const choice = choose(this.state, candidates, null, this.now, this.config);
    if (choice.switched?.from !== undefined) this.switches += 1;
    this.last = choice;
    this.state = choice.state;
    return choice.decision.name;
  }

  after(passed: number, ...candidates: readonly Candidate[]): string | null {
    this.now = millis(this.now + passed * 1_000);
    return this.ask(...candidates);
  }

  get reason(): string {
    return this.last?.decision.reason ?? "";
  }

  rejection(name: string): string | undefined {
    return this.last?.decision.rejected.find((one) => one.name === name)?.reason;
  }
}
