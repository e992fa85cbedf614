/**
 * When which target has its next pulse. The plan knows nothing of what is heard, but that it is denser for a while after losses:
 * what it counts is then still chance.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { evenSpread } from "./even-spread.ts";

/** Steps at least so long are uneven. */
const ditheredFrom = 100;

/**
 * Each target once in a round, of two now the one first and now the other: none may keep step with a line that flaps. More than
 * two are pulsed where several must answer, and there each keeps its turn.
 */
export function targetOf(pulse: number, targets: number): number {
  if (targets > 2) return pulse % targets;
  const round = Math.floor(pulse / targets);
  return (pulse + Math.floor(((round * Math.SQRT2) % 1) * targets)) % targets;
}

/**
 * The next place on the grid. Rare pulses keep no strict time: else a line that fails in the same rhythm would be seen in its good
 * half only, or in its bad one. All paths stray alike, so that they still share their wakings.
 */
export function nextPlace(step: number, now: Millis): Millis {
  const stray = (slot: number) => (step < ditheredFrom ? 0 : evenSpread(slot) * 0.95);
  // A place that is all but reached is this one, seen through a rounding error.
  const soonest = now + 1;
  for (let slot = Math.floor(now / step); ; slot += 1) {
    const place = (slot + stray(slot)) * step;
    if (place >= soonest) return millis(place);
  }
}

/** Where pulses are seconds apart, so many losses … */
const lossesForCloserLook = 3;
/** … among so many pulses make the plan denser by this … */
const amongPulses = 8;
export const closerBy = 4;
/** … for so long, whatever it finds: a look that ended with the first reply would count no chance. */
const closerFor = 5_000;
/** Denser pulses need no closer look, and those who pay for rare ones get none. */
const closerFrom = 500;

/** A plan that is denser for a while, to see how much is really lost. */
export interface CloserLook {
  /** The plan is denser until then. */
  readonly closerUntil: Millis;
  /** When the last planned pulses that were lost had been sent; a few. */
  readonly losses: readonly Millis[];
}

export interface PulsePlan {
  readonly interval: Millis;
  readonly perInterval: number;
}

/** After the loss of a planned pulse that was sent at `lostAt`. */
export function withLoss(before: CloserLook, plan: PulsePlan, lostAt: Millis, now: Millis): CloserLook {
  const { closerUntil } = before;
  const { interval, perInterval } = plan;
  if (interval < closerFrom || perInterval < 2 || now < closerUntil) return before;
  const losses = [...before.losses, lostAt].slice(-lossesForCloserLook);
  const [first = lostAt] = losses;
  const isMuch = losses.length === lossesForCloserLook && lostAt - first <= (amongPulses * interval) / perInterval;
  return isMuch ? { losses: [], closerUntil: millis(now + closerFor) } : { losses, closerUntil };
}
