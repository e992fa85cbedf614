/**
 * Brings what is under way to what is needed: ends attempts that lead nowhere, chooses the errand, dials, and says when to
 * look again. Whatever happened, this is done after it, and done twice it changes nothing.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { isOffline } from "./choice.ts";
import { chooseErrand, moveAt } from "./errand.ts";
import { failAttempt } from "./failure.ts";
import { type Leg, legs, type Moment, type ReachConfig, type Running, tell } from "./reach-state.ts";
import { dialNext, roundTimes } from "./round.ts";
import { isUsable, type Way } from "./way.ts";

export function settle(start: Running, moment: Moment, config: ReachConfig): Leg {
  const { state, effects } = legs(
    start,
    (at) => tellOffline(at, moment, config),
    (at) => endLate(at, moment, config),
    (at) => dropUseless(at, config),
    (at) => goOn(at, moment, config),
  );
  return { state: { ...state, wakeAt: wakeAt(state, moment, config) }, effects };
}

/** An errand that is given up makes room for the next one. */
function goOn(state: Running, moment: Moment, config: ReachConfig): Leg {
  const leg = legs(
    state,
    (at) => chooseErrand(at, moment, config),
    (at) => dialNext(at, moment, config),
  );
  if (leg.state.errand !== undefined || state.errand === undefined) return leg;
  const next = goOn(leg.state, moment, config);
  return { state: next.state, effects: [...leg.effects, ...next.effects] };
}

function tellOffline(state: Running, { now }: Moment, config: ReachConfig): Leg {
  const { offlineSince, errand } = state;
  const isNow = isOffline(state, config);
  if (isNow === (offlineSince !== undefined)) return { state, effects: [] };
  if (offlineSince === undefined)
    return { state: { ...state, offlineSince: now }, effects: [tell({ kind: "offline" })] };
  return {
    state: { ...state, offlineSince: undefined, errand: errand && { ...errand, soughtSince: now } },
    effects: [tell({ kind: "online", offlineFor: millis(now - offlineSince) })],
  };
}

function endLate(state: Running, moment: Moment, config: ReachConfig): Leg {
  const late = state.attempts.filter(({ startedAt }) => moment.now >= startedAt + config.attemptWithin);
  return legs(
    state,
    ...late.map(({ attempt }) => (at: Running): Leg => {
      const failed = failAttempt(at, attempt, { reason: "deadline", detail: "no lane in time" }, moment, config);
      return { state: failed.state, effects: [{ kind: "abandon", attempt }, ...failed.effects] };
    }),
  );
}

/** Attempts by a path that is gone, or to a destination that is not configured any more. */
function dropUseless(state: Running, { destinations }: ReachConfig): Leg {
  const { paths } = state;
  const isOfUse = ({ path, destination }: Way) => isUsable(path, paths) && destinations.includes(destination);
  const useless = state.attempts.filter(({ way }) => !isOfUse(way));
  if (useless.length === 0) return { state, effects: [] };
  return {
    state: { ...state, attempts: state.attempts.filter(({ way }) => isOfUse(way)) },
    effects: useless.map(({ attempt }) => ({ kind: "abandon", attempt }) as const),
  };
}

/** When the next step is due if nothing else happens. */
function wakeAt(state: Running, moment: Moment, config: ReachConfig): Millis | undefined {
  const times = state.attempts.map(({ startedAt }) => startedAt + config.attemptWithin);
  if (!isOffline(state, config)) times.push(...roundTimes(state, moment, config), ...turnTimes(state));
  const next = Math.min(...times.filter((time) => time > moment.now));
  return next === Number.POSITIVE_INFINITY ? undefined : millis(next);
}

/** When another errand may be due. */
function turnTimes(state: Running): readonly number[] {
  const { errand, refreshAt } = state;
  if (errand !== undefined && errand.kind !== "refresh" && errand.kind !== "leave") return [];
  return [moveAt(state), errand === undefined ? refreshAt : undefined].filter((time) => time !== undefined);
}
