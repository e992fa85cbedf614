/**
 * The rounds of an errand. Within one each way is tried once, the next as soon as one has failed; between two there is a
 * growing wait. An attempt that takes long is joined by one by another way, and never by a third. Where streams wait for it, it is
 * joined sooner, and by the same way if there is no other: what was caught in a silence may stay there when the silence is over.
 */
import { backoff } from "@ropewalk/kernel/backoff";
import { millis } from "@ropewalk/kernel/units";
import type { AttemptId } from "./attempt.ts";
import { closedBreaker, heldUntil, passed } from "./breaker.ts";
import { isOffline, moreWaysAt, purposeOf, waysOf } from "./choice.ts";
import { keysOf } from "./errand.ts";
import { forgetWays, movesApart, slowAfter, slowResumeAfter } from "./pace.ts";
import { type Errand, type Leg, legs, type Moment, type ReachConfig, type Running, tell } from "./reach-state.ts";
import { type Way, wayKey } from "./way.ts";

/** Dials what may be dialled now. */
export function dialNext(state: Running, moment: Moment, config: ReachConfig): Leg {
  const { errand } = state;
  if (errand === undefined || isOffline(state, config) || moment.now < gate(state, errand)) return stay(state);
  const ways = waysOf(state, errand, moment, config);
  const next =
    ways.find((way) => !errand.tried.has(wayKey(way)) && readyAt(state, way, config) <= moment.now) ??
    waysAgain(state, errand, ways).find((way) => readyAt(state, way, config) <= moment.now);
  if (next !== undefined)
    return legs(
      state,
      (at) => dial(at, errand, next, moment, config),
      (at) => dialNext(at, moment, config),
    );
  if (!hasFailed(state, errand, ways)) return stay(state);
  if (errand.roundAt === undefined) return endRound(state, errand, moment, config);
  if (moment.now < errand.roundAt) return stay(state);
  const fresh: Errand = { ...errand, tried: keysOf(state.attempts), roundAt: undefined };
  return dialNext({ ...state, errand: fresh }, moment, config);
}

/** When the errand may dial again, if nothing else happens. */
export function roundTimes(state: Running, moment: Moment, config: ReachConfig): readonly number[] {
  const { errand } = state;
  if (errand === undefined || keysOf(state.attempts).size >= 2) return [];
  const ways = waysOf(state, errand, moment, config);
  const untried = ways.filter((way) => !errand.tried.has(wayKey(way))).map((way) => readyAt(state, way, config));
  const again = waysAgain(state, errand, ways).map((way) => readyAt(state, way, config));
  const round = hasFailed(state, errand, ways) ? [errand.roundAt ?? 0] : [];
  const more = moreWaysAt(state, errand, moment, config);
  const times = [...untried, ...again, ...round, ...(more === undefined ? [] : [more])];
  return times.map((time) => Math.max(time, gate(state, errand)));
}

/** Where streams wait, and every way was tried: the way of the attempt that is under way. */
function waysAgain(state: Running, errand: Errand, ways: readonly Way[]): readonly Way[] {
  const [only, ...others] = state.attempts;
  const isAlone = only !== undefined && others.length === 0;
  if (!isAlone || only.purpose !== "resume" || state.session === undefined) return [];
  if (!ways.every((way) => errand.tried.has(wayKey(way)))) return [];
  return ways.filter((way) => wayKey(way) === wayKey(only.way));
}

/** Before that nothing is dialled, whatever way. */
function gate({ attempts }: Running, { notBefore, joinAt }: Errand): number {
  if (attempts.length >= 2 && keysOf(attempts).size >= 2) return Number.POSITIVE_INFINITY;
  return attempts.length === 0 ? notBefore : Math.max(notBefore, joinAt);
}

/** Not twice in half of the first wait, whatever the occasion; and as the breaker of its destination has it. */
function readyAt({ ways, breakers }: Running, way: Way, { backoff: { first } }: ReachConfig): number {
  const dialledAt = ways.get(wayKey(way))?.dialledAt;
  const held = heldUntil(breakers.get(way.destination) ?? closedBreaker);
  return Math.max(dialledAt === undefined ? 0 : dialledAt + first / 2, held ?? 0);
}

/** True when there is a way of this round that was tried and is not under way any more. */
function hasFailed({ attempts }: Running, { tried }: Errand, ways: readonly Way[]): boolean {
  const underWay = keysOf(attempts);
  return ways.some((way) => tried.has(wayKey(way)) && !underWay.has(wayKey(way)));
}

function dial(state: Running, errand: Errand, way: Way, { now }: Moment, config: ReachConfig): Leg {
  const attempt = (state.dials + 1) as AttemptId;
  const purpose = purposeOf(state, errand, way);
  const key = wayKey(way);
  const { failures = 0, moveAt = millis(0) } = state.ways.get(key) ?? {};
  const isMove = errand.kind === "move";
  const recent = [...state.ways].filter(([, { dialledAt }]) => now - dialledAt < forgetWays);
  const breaker = state.breakers.get(way.destination);
  // Of two by one way the older makes room.
  const [older] = state.attempts.length >= 2 ? state.attempts : [];
  const abandoned = older === undefined ? [] : [{ kind: "abandon", attempt: older.attempt } as const];
  return {
    state: {
      ...state,
      dials: attempt,
      attempts: [...state.attempts.filter((each) => each !== older), { attempt, way, purpose, startedAt: now }],
      movedAt: isMove ? now : state.movedAt,
      errand: {
        ...errand,
        tried: new Set([...errand.tried, key]),
        notBefore: isMove ? millis(now + movesApart) : errand.notBefore,
        joinAt: millis(now + (purpose === "resume" ? slowResumeAfter : slowAfter)),
      },
      ways: new Map([...recent, [key, { dialledAt: now, failures, moveAt }]]),
      breakers:
        breaker === undefined
          ? state.breakers
          : new Map([...state.breakers, [way.destination, passed(breaker, now, config.breaker)]]),
    },
    effects: [...abandoned, { kind: "dial", attempt, way, purpose }],
  };
}

/** All that could be tried was. A move is given up then, the lane being where it is; all else is tried again. */
function endRound(state: Running, errand: Errand, { now, chance }: Moment, config: ReachConfig): Leg {
  if (errand.kind === "move" && state.attempts.length === 0) return stay({ ...state, errand: undefined });
  const wait = backoff(errand.rounds, chance, config.backoff);
  const next: Errand = { ...errand, rounds: errand.rounds + 1, roundAt: millis(now + wait) };
  const { lane } = state;
  const isTold = errand.kind === "refresh" && lane !== undefined && state.attempts.length === 0;
  const { destination } = lane?.way ?? {};
  return {
    state: { ...state, errand: next },
    effects: isTold && destination !== undefined ? [tell({ kind: "refresh-failed", destination, retryIn: wait })] : [],
  };
}

function stay(state: Running): Leg {
  return { state, effects: [] };
}
