/** A lane has come up: whether it becomes the session's, and what is told of that. There is never more than one that is. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { RecoveryEvent } from "../recovery-event.ts";
import type { Attempt, AttemptId } from "./attempt.ts";
import { mayLeaveFor } from "./choice.ts";
import { type LaneOutcome, type Leg, type Moment, type ReachConfig, type Running, tell } from "./reach-state.ts";
import { pathName, wayKey } from "./way.ts";

/** One that nobody waits for any more is abandoned, and so is one that streams would have to be left behind for. */
export function takeLane(
  state: Running,
  attempt: AttemptId,
  outcome: LaneOutcome,
  moment: Moment,
  config: ReachConfig,
): Leg {
  const found = state.attempts.find((each) => each.attempt === attempt);
  const others = state.attempts.filter((each) => each !== found);
  if (found === undefined || !mayLeaveFor(found.way.destination, state, moment, config))
    return { state: { ...state, attempts: others }, effects: [{ kind: "abandon", attempt }] };
  const { way } = found;
  const breakers = new Map(state.breakers);
  breakers.delete(way.destination);
  return {
    state: {
      ...state,
      lane: { attempt, way, upAt: moment.now },
      session: way.destination,
      stoppingSince: outcome.kind === "resumed" ? state.stoppingSince : undefined,
      errand: undefined,
      attempts: [],
      breakers,
      ways: recordSuccess(state, found),
      refreshAt: refreshTime(moment, config),
    },
    effects: [
      { kind: "adopt", attempt },
      ...others.map((other) => ({ kind: "abandon", attempt: other.attempt }) as const),
      ...news(state, found, outcome, moment).map(tell),
    ],
  };
}

function recordSuccess({ ways }: Running, { way }: Attempt): Running["ways"] {
  const record = ways.get(wayKey(way));
  return record === undefined ? ways : new Map([...ways, [wayKey(way), { ...record, failures: 0, moveAt: millis(0) }]]);
}

/** Up to a tenth sooner than configured, lest many that began together go on together. */
export function refreshTime({ now, chance }: Moment, { refresh }: ReachConfig): Millis | undefined {
  return refresh === 0 ? undefined : millis(now + refresh * (1 - chance / 10));
}

function news(state: Running, found: Attempt, outcome: LaneOutcome, moment: Moment): readonly RecoveryEvent[] {
  const { destination, path } = found.way;
  const took = millis(moment.now - (state.errand?.since ?? found.startedAt));
  const way = { destination, path: pathName(path), took };
  const breaker = state.breakers.get(destination);
  const closed: readonly RecoveryEvent[] =
    breaker?.kind === "open"
      ? [{ kind: "breaker-closed", destination, openFor: millis(moment.now - breaker.since) }]
      : [];
  if (outcome.kind === "started")
    return [...closed, ...left(state, found, outcome.lost, moment), { kind: "started", ...way }];
  const { streams, resent } = outcome;
  if (state.errand?.kind === "refresh") return [...closed, { kind: "refreshed", ...way, streams }];
  const after = state.lane === undefined ? "loss" : "move";
  return [...closed, { kind: "resumed", after, ...way, streams, resent }];
}

/** What becomes of the session before one that is new; of one whose destination is stopping the streams go on. */
function left(
  { session, errand }: Running,
  { way }: Attempt,
  lost: number,
  { streams }: Moment,
): readonly RecoveryEvent[] {
  if (session === undefined) return [];
  if (session === way.destination)
    return [{ kind: "session-lost", destination: session, why: "peer-restarted", streams: lost }];
  const behind: readonly RecoveryEvent[] =
    streams === 0 || errand?.kind === "leave"
      ? []
      : [{ kind: "session-lost", destination: session, why: "left-behind", streams }];
  return [...behind, { kind: "failed-over", from: session, to: way.destination }];
}
