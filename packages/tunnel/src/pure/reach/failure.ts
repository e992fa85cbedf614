/** What an attempt that came to nothing changes: the records of its way, the breaker of its destination, and what is told. */
import { backoff } from "@ropewalk/kernel/backoff";
import { millis } from "@ropewalk/kernel/units";
import type { AttemptId, DialFailure } from "./attempt.ts";
import { type Breaker, closedBreaker, failed } from "./breaker.ts";
import { spareMoves } from "./pace.ts";
import { type Leg, type Moment, type ReachConfig, type ReachEffect, type Running, tell } from "./reach-state.ts";
import { pathName, type Way, type WayKey, wayKey } from "./way.ts";

export interface Failure {
  readonly reason: DialFailure;
  readonly detail: string;
}

/** Takes the attempt out. One that is not under way is none of ours any more, and changes nothing. */
export function failAttempt(
  state: Running,
  attempt: AttemptId,
  { reason, detail }: Failure,
  moment: Moment,
  config: ReachConfig,
): Leg {
  const found = state.attempts.find((each) => each.attempt === attempt);
  if (found === undefined) return { state, effects: [] };
  const { way, purpose } = found;
  const { destination } = way;
  const before = state.breakers.get(destination) ?? closedBreaker;
  const breaker = failed(before, reason, moment, config.breaker);
  return {
    state: {
      ...state,
      attempts: state.attempts.filter((each) => each !== found),
      breakers: new Map([...state.breakers, [destination, breaker]]),
      ways: recordFailure(state, way, moment),
    },
    effects: [
      tell({ kind: "dial-failed", destination, path: pathName(way.path), purpose, reason, detail }),
      ...opened(before, breaker, way, moment, config),
    ],
  };
}

function recordFailure({ ways }: Running, way: Way, { now, chance }: Moment): Running["ways"] {
  const key: WayKey = wayKey(way);
  const record = ways.get(key);
  if (record === undefined) return ways;
  const moveAt = millis(now + backoff(record.failures, chance, spareMoves));
  return new Map([...ways, [key, { ...record, failures: record.failures + 1, moveAt }]]);
}

function opened(
  before: Breaker,
  after: Breaker,
  { destination }: Way,
  { now }: Moment,
  { breaker: { failures } }: ReachConfig,
): readonly ReachEffect[] {
  if (before.kind === "open" || after.kind === "closed") return [];
  return [tell({ kind: "breaker-opened", destination, failures, retryIn: millis(after.nextAt - now) })];
}
