/**
 * How a source keeps its lane: when it dials, by which way, when it waits, refreshes and moves. While it runs it has a lane,
 * or an attempt under way, or a time at which it goes on; only where no path leads anywhere it waits to be told of one.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { RecoveryEvent } from "../recovery-event.ts";
import { refreshTime, takeLane } from "./adoption.ts";
import { excused } from "./breaker.ts";
import { settle } from "./course.ts";
import { keysOf } from "./errand.ts";
import { failAttempt } from "./failure.ts";
import { steadyAfter } from "./pace.ts";
import {
  type Lane,
  type LaneLoss,
  type Leg,
  type Moment,
  type ReachConfig,
  type ReachEvent,
  type ReachState,
  type Running,
  type Step,
  tell,
} from "./reach-state.ts";
import { areOtherPaths, type Paths, pathName } from "./way.ts";

export const idleReach: ReachState = { kind: "idle" };

/** When a `timer` event is due; undefined: not before something else happens. */
export function deadlineOf(state: ReachState): Millis | undefined {
  return state.kind === "running" ? state.wakeAt : undefined;
}

export function step(state: ReachState, event: ReachEvent, moment: Moment, config: ReachConfig): Step {
  if (state.kind !== "running") return wake(state, event, moment, config);
  if (event.kind === "stopped") {
    const effects = state.attempts.map(({ attempt }) => ({ kind: "abandon", attempt }) as const);
    return { state: { kind: "stopped" }, effects };
  }
  const { state: changed, effects } = take(state, event, moment, config);
  const settled = settle(changed, moment, config);
  return { state: settled.state, effects: [...effects, ...settled.effects] };
}

function wake(state: ReachState, event: ReachEvent, moment: Moment, config: ReachConfig): Step {
  if (event.kind === "dialled") return { state, effects: [{ kind: "abandon", attempt: event.attempt }] };
  if (event.kind === "stopped") return { state: { kind: "stopped" }, effects: [] };
  return state.kind === "idle" && event.kind === "started"
    ? settle(beginning(event.paths), moment, config)
    : { state, effects: [] };
}

function beginning(paths: Paths): Running {
  return {
    kind: "running",
    paths,
    offlineSince: undefined,
    lane: undefined,
    session: undefined,
    stoppingSince: undefined,
    errand: undefined,
    attempts: [],
    dials: 0,
    breakers: new Map(),
    ways: new Map(),
    refreshAt: undefined,
    movedAt: undefined,
    strikes: 0,
    wakeAt: undefined,
  };
}

type Happening = Exclude<ReachEvent, { readonly kind: "stopped" }>;

function take(state: Running, event: Happening, moment: Moment, config: ReachConfig): Leg {
  switch (event.kind) {
    case "dialled":
      return takeLane(state, event.attempt, event.outcome, moment, config);
    case "dial-failed":
      return failAttempt(state, event.attempt, event, moment, config);
    case "lane-lost":
      return loseLane(state, event, moment);
    case "started":
    case "connectivity":
      return stay(takePaths(state, event.paths, moment));
    case "session-ended":
      return stay({ ...state, ...withoutSession, strikes: strikesWithout(state, moment) });
    case "session-stopping":
      return takeStopping(state, moment);
    case "refresh-now":
      return stay(hurry({ ...state, refreshAt: state.lane && moment.now }, moment));
    case "reconfigured":
      return stay(hurry({ ...state, refreshAt: nextRefresh(state, moment, config) }, moment));
    case "timer":
      return stay(state);
  }
}

const withoutLane = { lane: undefined, errand: undefined, refreshAt: undefined } as const;

const withoutSession = { ...withoutLane, session: undefined, stoppingSince: undefined } as const;

function takeStopping(state: Running, { now }: Moment): Leg {
  const { session: destination, stoppingSince } = state;
  if (destination === undefined || stoppingSince !== undefined) return stay(state);
  return { state: { ...state, stoppingSince: now }, effects: [tell({ kind: "destination-stopping", destination })] };
}

type LaneLost = Extract<ReachEvent, { readonly kind: "lane-lost" }>;

/** Without its lane from now on: one more, if that has just come up. */
function strikesWithout({ lane, strikes }: Running, { now }: Moment): number {
  if (lane === undefined) return strikes;
  return now - lane.upAt < steadyAfter ? strikes + 1 : 0;
}

function loseLane(state: Running, { attempt, why }: LaneLost, moment: Moment): Leg {
  const { lane } = state;
  if (lane?.attempt !== attempt) return stay(state);
  return {
    state: { ...state, ...withoutLane, strikes: strikesWithout(state, moment) },
    effects: [tell(lossEvent(lane, why))],
  };
}

function lossEvent({ way: { destination, path } }: Lane, why: LaneLoss): RecoveryEvent {
  const on = { destination, path: pathName(path) };
  switch (why.kind) {
    case "closed":
      return { kind: "lane-closed", ...on, code: why.code };
    case "heartbeat":
      return { kind: "heartbeat-dead", ...on, silence: why.silence, missed: why.missed };
    case "write-failed":
      return { kind: "write-failed", ...on, code: why.code };
    case "broken":
      return { kind: "lane-broken", ...on, detail: why.detail };
  }
}

/** What hindered before may not hinder any more; but figures of the same paths are no news. */
function takePaths(state: Running, paths: Paths, moment: Moment): Running {
  const next = { ...state, paths };
  return areOtherPaths(state.paths, paths) ? hurry(next, moment) : next;
}

/** No wait goes on: the next round begins, breakers let one attempt through, and a second attempt may join at once. */
function hurry(state: Running, { now }: Moment): Running {
  const { errand, attempts, breakers } = state;
  return {
    ...state,
    errand: errand && { ...errand, tried: keysOf(attempts), roundAt: undefined, joinAt: now },
    breakers: new Map([...breakers].map(([destination, breaker]) => [destination, excused(breaker, now)])),
  };
}

/** A lane at a destination that is not configured any more is to be replaced as soon as it may be. */
function nextRefresh({ lane, refreshAt }: Running, moment: Moment, config: ReachConfig): Millis | undefined {
  if (lane === undefined) return undefined;
  if (!config.destinations.includes(lane.way.destination)) return moment.now;
  const next = refreshTime(moment, config);
  return next === undefined || refreshAt === undefined || next < refreshAt ? next : refreshAt;
}

function stay(state: Running): Leg {
  return { state, effects: [] };
}
