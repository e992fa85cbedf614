/** What a source knows of its lane and of what leads to a new one; what may happen to it, and what it wants done. */
import type { BackoffConfig } from "@ropewalk/kernel/backoff";
import type { Millis } from "@ropewalk/kernel/units";
import type { RecoveryEvent } from "../recovery-event.ts";
import type { Attempt, AttemptId, DialFailure, Purpose } from "./attempt.ts";
import type { Breaker, BreakerConfig } from "./breaker.ts";
import type { Destination, Paths, Way, WayKey } from "./way.ts";

export interface ReachConfig {
  /** In order of preference; at least one. */
  readonly destinations: readonly Destination[];
  readonly backoff: BackoffConfig;
  readonly breaker: BreakerConfig;
  /** From one lane to the next; 0: only when one is lost. */
  readonly refresh: Millis;
  /** So long the destination of a session that carries streams is sought before another one is. */
  readonly failoverAfter: Millis;
  /** From the dial to the lane. */
  readonly attemptWithin: Millis;
}

/** What a step needs from outside. */
export interface Moment {
  readonly now: Millis;
  /** In 0…1, drawn anew for each step. */
  readonly chance: number;
  /** Streams that the session carries. */
  readonly streams: number;
}

export interface Lane {
  readonly attempt: AttemptId;
  readonly way: Way;
  readonly upAt: Millis;
}

/** Why attempts are made. There is one errand at a time; it ends when a lane comes of it, or nobody needs one any more. */
export interface Errand {
  /**
   * `connect`: there is no lane. `escape`: its path is gone. `move`: another path is better. `leave`: its destination is stopping, and
   * others may take new streams. `refresh`: it is old.
   */
  readonly kind: "connect" | "escape" | "move" | "leave" | "refresh";
  readonly since: Millis;
  /** Since when the session's own destination could be dialled. */
  readonly soughtSince: Millis;
  /** Ways dialled in this round, which ends when all were tried. */
  readonly tried: ReadonlySet<WayKey>;
  /** Rounds that came to nothing. */
  readonly rounds: number;
  /** When the next round begins, once this one is over. A way that was not there before need not wait for it. */
  readonly roundAt: Millis | undefined;
  /** Nothing is dialled earlier. */
  readonly notBefore: Millis;
  /** When a second attempt may join one that is under way. */
  readonly joinAt: Millis;
}

export interface WayRecord {
  readonly dialledAt: Millis;
  /** In a row. */
  readonly failures: number;
  /** No lane that works is moved here earlier. */
  readonly moveAt: Millis;
}

export interface Running {
  readonly kind: "running";
  readonly paths: Paths;
  readonly offlineSince: Millis | undefined;
  readonly lane: Lane | undefined;
  /** Where there is a session to resume. */
  readonly session: Destination | undefined;
  /** Since when that takes no new streams. */
  readonly stoppingSince: Millis | undefined;
  readonly errand: Errand | undefined;
  /** At most two, the oldest first. */
  readonly attempts: readonly Attempt[];
  /** Dials so far. */
  readonly dials: number;
  readonly breakers: ReadonlyMap<Destination, Breaker>;
  readonly ways: ReadonlyMap<WayKey, WayRecord>;
  readonly refreshAt: Millis | undefined;
  /** When the last move to a better path began. */
  readonly movedAt: Millis | undefined;
  /** Lanes in a row that were lost as soon as they were there. */
  readonly strikes: number;
  readonly wakeAt: Millis | undefined;
}

export type ReachState = { readonly kind: "idle" } | Running | { readonly kind: "stopped" };

export type LaneLoss =
  /** `code`: the errno's name, or "ended". */
  | { readonly kind: "closed"; readonly code: string }
  | { readonly kind: "heartbeat"; readonly silence: Millis; readonly missed: number }
  | { readonly kind: "write-failed"; readonly code: string }
  | { readonly kind: "broken"; readonly detail: string };

/** How the session stands on a lane that has come up. */
export type LaneOutcome =
  | { readonly kind: "resumed"; readonly streams: number; readonly resent: number }
  /** It is new. `lost`: streams of the one before it that the peer had forgotten. */
  | { readonly kind: "started"; readonly lost: number };

export type ReachEvent =
  | { readonly kind: "started"; readonly paths: Paths }
  | { readonly kind: "connectivity"; readonly paths: Paths }
  | { readonly kind: "dialled"; readonly attempt: AttemptId; readonly outcome: LaneOutcome }
  | {
      readonly kind: "dial-failed";
      readonly attempt: AttemptId;
      readonly reason: DialFailure;
      readonly detail: string;
    }
  | { readonly kind: "lane-lost"; readonly attempt: AttemptId; readonly why: LaneLoss }
  /** It was revoked, or broke, or nobody will have it any more: its lane is no more, and none resumes it. */
  | { readonly kind: "session-ended" }
  /** Its destination takes no new streams; those that there are go on. */
  | { readonly kind: "session-stopping" }
  | { readonly kind: "timer" }
  | { readonly kind: "refresh-now" }
  /** The configuration of this step is another than that of the one before. */
  | { readonly kind: "reconfigured" }
  | { readonly kind: "stopped" };

export type ReachEffect =
  | { readonly kind: "dial"; readonly attempt: AttemptId; readonly way: Way; readonly purpose: Purpose }
  /** Whatever has come of it is closed; nothing more is to be told of it. */
  | { readonly kind: "abandon"; readonly attempt: AttemptId }
  /** Its lane is the session's from now on; the one before it is closed. */
  | { readonly kind: "adopt"; readonly attempt: AttemptId }
  | { readonly kind: "tell"; readonly event: RecoveryEvent };

export interface Step {
  readonly state: ReachState;
  readonly effects: readonly ReachEffect[];
}

/** A step within a running reach. */
export interface Leg {
  readonly state: Running;
  readonly effects: readonly ReachEffect[];
}

export function tell(event: RecoveryEvent): ReachEffect {
  return { kind: "tell", event };
}

/** Does one thing after the other. */
export function legs(start: Running, ...parts: readonly ((state: Running) => Leg)[]): Leg {
  return parts.reduce<Leg>(
    ({ state, effects }, part) => {
      const next = part(state);
      return { state: next.state, effects: [...effects, ...next.effects] };
    },
    { state: start, effects: [] },
  );
}
