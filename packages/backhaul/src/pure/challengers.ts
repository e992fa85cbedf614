/**
 * Who has a cause to take over from the uplink in use, and for how long it must hold. Every cause excludes its opposite, so
 * that while nothing changes no uplink is ever taken twice.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, millis } from "@ropewalk/kernel/units";
import {
  type Candidate,
  compareClass,
  compareStanding,
  gainOf,
  gapBetween,
  isCarrying,
  preference,
  standingOf,
  topScore,
} from "./candidate.ts";
import type { ChoiceConfig } from "./health/health-config.ts";

/** `healthier`: it is up and the one in use limps, or it carries traffic and the one in use was never seen to. */
export type Cause = "healthier" | "better" | "preferred";

/** An uplink that takes over when its cause has held for long enough. */
export interface Challenger {
  readonly uplinkId: UplinkId;
  readonly cause: Cause;
  readonly since: Millis;
}

/**
 * How long a healthier uplink must be so before it takes over. Long enough that of uplinks that start together the one that
 * answers a moment sooner has no advantage; short, because what limps breaks something at every moment.
 */
const healthierFor: Millis = millis(1_500);

export function holdOf(cause: Cause, { betterFor, returnFor }: ChoiceConfig): Millis {
  switch (cause) {
    case "healthier":
      return healthierFor;
    case "better":
      return betterFor;
    case "preferred":
      return returnFor;
  }
}

/**
 * Everyone who has a cause to take over from the incumbent; who had it before has it since then. Who is used by order is left
 * for its own failing only, and never for what is better or liked better.
 */
export function challengersOf(
  incumbent: Candidate | undefined,
  candidates: readonly Candidate[],
  before: readonly Challenger[],
  now: Millis,
  config: ChoiceConfig,
): readonly Challenger[] {
  if (incumbent === undefined) return [];
  const isMeant = incumbent.order === "used";
  const rivals = candidates.filter((one) => one.uplinkId !== incumbent.uplinkId && isCarrying(one));
  const top = topScore([incumbent, ...rivals].filter((one) => compareClass(one, incumbent) <= 0));
  const causes = (rival: Candidate): readonly Cause[] => [
    ...(isHealthier(rival, incumbent) ? (["healthier"] as const) : []),
    ...(!isMeant && isBetter(rival, incumbent, config) ? (["better"] as const) : []),
    ...(!isMeant && isPreferred(rival, incumbent, top, config) ? (["preferred"] as const) : []),
  ];
  const held = rivals.flatMap((rival) =>
    causes(rival).map((cause): Challenger => {
      const { uplinkId } = rival;
      return before.find((one) => one.uplinkId === uplinkId && one.cause === cause) ?? { uplinkId, cause, since: now };
    }),
  );
  return held.toSorted((a, b) => (a.uplinkId < b.uplinkId ? -1 : Number(a.uplinkId > b.uplinkId)));
}

function isHealthier(rival: Candidate, incumbent: Candidate): boolean {
  const standing = standingOf(incumbent);
  return (
    (standing === "unproven" && incumbent.order !== "used") || (standing === "limping" && standingOf(rival) === "up")
  );
}

/**
 * Chance, or a queue that may empty, must not explain the difference: what the two scores may be must lie apart. With no gap
 * between, a loss of 5 % on both of two uplinks still causes 0.8 switches in 1,000 simulated hours; with this one 0.2.
 */
const sureGap = 1 / 4;

function isBetter(rival: Candidate, incumbent: Candidate, { margin }: ChoiceConfig): boolean {
  if (!isCarrying(incumbent) || compareClass(rival, incumbent) > 0) return false;
  const gain = gainOf(rival, incumbent);
  return gain > 0 && gain >= margin && gapBetween(rival, incumbent) >= margin * sureGap;
}

/**
 * Measured against the highest score of all and not the incumbent's alone: else three uplinks, each a little worse and better
 * liked than the one before, would be taken in turn for ever. Equals, which only their ids tell apart, give no cause.
 */
function isPreferred(rival: Candidate, incumbent: Candidate, top: number, { margin }: ChoiceConfig): boolean {
  if (!isCarrying(incumbent) || compareStanding(rival, incumbent) > 0) return false;
  const { by, order } = preference(rival, incumbent);
  if (by === "id" || order >= 0) return false;
  return rival.score === null || rival.score.total >= top - margin / 2;
}

/** When the first of them has held its cause for long enough. */
export function deadlineOf(challengers: readonly Challenger[], config: ChoiceConfig): Millis | undefined {
  const ends = challengers.map(({ cause, since }) => since + holdOf(cause, config));
  return ends.length === 0 ? undefined : millis(Math.min(...ends));
}
