/**
 * Which errand a source is on: a lane is needed, its path is gone, another is better, its destination is stopping, or it is old; in that
 * order.
 */
import { backoff } from "@ropewalk/kernel/backoff";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Attempt } from "./attempt.ts";
import { isOnBest, waysElsewhere, waysOf } from "./choice.ts";
import { freeStrikes, longestStrikeWait, movesApart, refreshAgain, slowAfter } from "./pace.ts";
import { type Errand, type Leg, type Moment, type ReachConfig, type Running, tell } from "./reach-state.ts";
import { bestFor, isUsable, pathName, wayKey } from "./way.ts";

/** The errand that is needed now; attempts for one that is not are abandoned. */
export function chooseErrand(state: Running, moment: Moment, config: ReachConfig): Leg {
  const { lane, errand } = state;
  if (lane === undefined)
    return errand?.kind === "connect"
      ? stay(state)
      : begin(state, "connect", moment, strikeWait(state, moment, config));
  const wanted = wantedKind(state, moment, config);
  if (wanted === errand?.kind) return stay(state);
  if (wanted === undefined) return abandonAll(state);
  const next = newErrand(state, wanted, moment, millis(0));
  if (waysOf(state, next, moment, config).length > 0) return begin(state, wanted, moment, millis(0));
  if (wanted !== "refresh") return abandonAll(state);
  return stay({ ...state, errand: undefined, refreshAt: millis(moment.now + refreshAgain) });
}

function wantedKind(state: Running, moment: Moment, config: ReachConfig): Errand["kind"] | undefined {
  const { lane, paths, errand, refreshAt, stoppingSince } = state;
  if (lane === undefined) return undefined;
  if (config.destinations.includes(lane.way.destination)) {
    if (!isUsable(lane.way.path, paths)) return "escape";
    const at = moveAt(state);
    if (at !== undefined && (errand?.kind === "move" || at <= moment.now)) return "move";
  }
  if (stoppingSince !== undefined && waysElsewhere(state, config).length > 0) return "leave";
  return refreshAt !== undefined && refreshAt <= moment.now ? "refresh" : undefined;
}

/** When the lane may be moved to the best path; undefined while it is there. */
export function moveAt({ lane, paths, movedAt, ways }: Running): Millis | undefined {
  if (lane === undefined || isOnBest(lane.way, paths)) return undefined;
  const best = wayKey({ ...lane.way, path: bestFor(lane.way.path, paths) });
  return millis(Math.max(movedAt === undefined ? 0 : movedAt + movesApart, ways.get(best)?.moveAt ?? 0));
}

function begin(state: Running, kind: Errand["kind"], moment: Moment, wait: Millis): Leg {
  const { lane, paths } = state;
  const next = { ...state, errand: newErrand(state, kind, moment, wait) };
  if (lane === undefined || kind === "connect" || kind === "leave") return stay(next);
  const { destination, path } = lane.way;
  if (kind === "refresh")
    return { state: next, effects: [tell({ kind: "refresh-started", destination, path: pathName(path) })] };
  const to = pathName(bestFor(path, paths));
  const why = kind === "escape" ? "gone" : "better";
  return { state: next, effects: [tell({ kind: "path-changed", destination, from: pathName(path), to, why })] };
}

function newErrand({ attempts, session }: Running, kind: Errand["kind"], { now }: Moment, wait: Millis): Errand {
  const newest = attempts.findLast(({ purpose }) => session === undefined || purpose !== "return");
  return {
    kind,
    since: now,
    soughtSince: now,
    tried: keysOf(attempts),
    rounds: 0,
    roundAt: undefined,
    notBefore: millis(now + wait),
    // What is under way leads to a lane as well, but not to one for the streams of another; a path, though, is changed at once.
    joinAt: kind === "connect" && newest !== undefined ? millis(newest.startedAt + slowAfter) : now,
  };
}

export function keysOf(attempts: readonly Attempt[]): Errand["tried"] {
  return new Set(attempts.map(({ way }) => wayKey(way)));
}

/** A lane that was lost as soon as it was there, time after time, is not sought at once for ever. */
function strikeWait({ strikes }: Running, { chance }: Moment, config: ReachConfig): Millis {
  if (strikes <= freeStrikes) return millis(0);
  return millis(Math.min(longestStrikeWait, backoff(strikes - freeStrikes - 1, chance, config.backoff)));
}

function abandonAll(state: Running): Leg {
  const effects = state.attempts.map(({ attempt }) => ({ kind: "abandon", attempt }) as const);
  return { state: { ...state, errand: undefined, attempts: [] }, effects };
}

function stay(state: Running): Leg {
  return { state, effects: [] };
}
