/**
 * The pulses of one path: when each target has its next, which are under way, and what came of them. All paths keep to one grid
 * of time, so that a node with many uplinks wakes seldom.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { ProbeTarget, ProfileConfig } from "./health-config.ts";
import { type CloserLook, closerBy, nextPlace, targetOf, withLoss } from "./pulse-plan.ts";
import { emptyWindow } from "./quality-window.ts";
import { replyTime } from "./rtt.ts";
import { pulsedTargets } from "./schedule.ts";
import {
  answered,
  hopelessMisses,
  isHopeless,
  missed,
  newTarget,
  nextPulseKind,
  type TargetHealth,
} from "./target-health.ts";

export interface PulseInFlight {
  readonly id: number;
  /** Index in `targets`. */
  readonly target: number;
  readonly kind: "echo" | "tcp";
  readonly sentAt: Millis;
  /** Neither its time nor its loss counts: we were stalled while it was under way. */
  readonly isForgiven: boolean;
  /** When it was counted as lost: late replies are still heard. */
  readonly lostAt: Millis | undefined;
  readonly isPlanned: boolean;
}

export interface Pulses extends CloserLook {
  readonly interval: Millis;
  /** So many of the targets must answer for the path to be alive. */
  readonly require: number;
  /** Targets pulsed in each interval. */
  readonly perInterval: number;
  /** Those that are pulsed, in turn. */
  readonly targets: readonly TargetHealth[];
  /** Those that stand in for one that fails, next first. */
  readonly spare: readonly ProbeTarget[];
  /** When any of them last answered to ICMP; the start, before that. */
  readonly echoedAt: Millis;
  /** When the newest of the answered pulses was sent. */
  readonly answeredTo: Millis;
  readonly nextAt: Millis;
  /** Of all pulses of the plan, the number of the next. */
  readonly next: number;
  /** Oldest first. */
  readonly inFlight: readonly PulseInFlight[];
}

/** A pulse to send now. */
export interface DuePulse {
  readonly target: number;
  readonly kind: "echo" | "tcp";
  /** False in a burst, which is sent because of silence and must not count as chance. */
  readonly isPlanned: boolean;
}

/** A reply that is later than this is a loss; full queues of two seconds in both directions are still seen as such. */
export const pulseLimit: Millis = seconds(8);
/** More are under way only when bursts meet a long queue; the oldest are then forgotten. */
const mostInFlight = 1_024;
/** A TCP handshake is no pulse to repeat twenty times a second at a stranger's server. */
const leastTcpInterval = 1_000;

export function newPulses(all: readonly ProbeTarget[], profile: ProfileConfig, require: number, now: Millis): Pulses {
  const { interval } = profile;
  // One more than must answer: the fault of a single target is not the path's.
  const active = require + 1;
  const perInterval = Math.min(all.length, require > 1 ? active : pulsedTargets(profile));
  return {
    interval,
    require,
    perInterval,
    targets: all.slice(0, active).map((target) => newTarget(target, interval)),
    spare: all.slice(active),
    echoedAt: now,
    answeredTo: now,
    nextAt: now,
    next: 0,
    closerUntil: now,
    losses: [],
    inFlight: [],
  };
}

/** How far apart the pulses to one target are: longer than configured when none answers to ICMP. */
export function effectiveInterval({ interval, targets }: Pulses): Millis {
  const answersEcho = targets.some((health) => health.by === "echo" && !isHopeless(health));
  const isTcp = !answersEcho && targets.some(({ by }) => by === "tcp");
  return isTcp ? millis(Math.max(interval, leastTcpInterval)) : interval;
}

/** A path that is new is not kept waiting for its first sign of life. */
const firstInterval = 1_000;

interface TakenPulse {
  readonly pulses: Pulses;
  readonly due: readonly DuePulse[];
}

/** The pulse that is due, if one is, and the plan for the next. `isNew`: it was not told yet whether the path lives. */
export function takeDue(pulses: Pulses, isNew: boolean, now: Millis): TakenPulse {
  if (now < pulses.nextAt || pulses.targets.length === 0) return { pulses, due: [] };
  const target = targetOf(pulses.next, pulses.targets.length);
  const interval = effectiveInterval(pulses);
  const step = (isNew ? Math.min(interval, firstInterval) : interval) / pulses.perInterval;
  const nextAt = nextPlace(now < pulses.closerUntil ? step / closerBy : step, now);
  return { pulses: { ...pulses, nextAt, next: pulses.next + 1 }, due: dueOf(pulses, target, true) };
}

/** One pulse to every target, besides the plan. */
export function burstOf(pulses: Pulses): readonly DuePulse[] {
  return pulses.targets.flatMap((_, target) => dueOf(pulses, target, false));
}

function dueOf({ targets }: Pulses, target: number, isPlanned: boolean): readonly DuePulse[] {
  const health = targets[target];
  return health === undefined ? [] : [{ target, kind: nextPulseKind(health), isPlanned }];
}

export function sent(pulses: Pulses, pulse: DuePulse, id: number, now: Millis): Pulses {
  const targets = changed(pulses.targets, pulse.target, (health) => {
    return { ...health, pulses: health.pulses + 1, unanswered: health.unanswered + 1 };
  });
  const inFlight = [...pulses.inFlight, { ...pulse, id, sentAt: now, isForgiven: false, lostAt: undefined }];
  return { ...pulses, targets, inFlight };
}

/** Counts as lost what takes much longer than replies do, and forgets what can be no reply any more. */
export function expired(pulses: Pulses, now: Millis): Pulses {
  const { inFlight, targets, answeredTo } = pulses;
  const isLate = ({ lostAt, sentAt, target }: PulseInFlight) =>
    lostAt === undefined && now - sentAt > lossAfter(targets[target], sentAt < answeredTo);
  const late = inFlight.filter(isLate);
  const counted = late.reduce<Pulses>((all, pulse) => withMiss(all, pulse, now), pulses);
  const isOver = ({ sentAt }: PulseInFlight, index: number) =>
    now - sentAt > pulseLimit || inFlight.length - index > mostInFlight;
  const over = inFlight.findIndex((pulse, index) => !isOver(pulse, index));
  const first = over < 0 ? inFlight.length : over;
  if (late.length === 0 && first === 0) return pulses;
  const left = inFlight.slice(first).map((pulse) => (isLate(pulse) ? { ...pulse, lostAt: now } : pulse));
  return { ...counted, inFlight: left };
}

/**
 * A pulse behind which another was answered did not wait in a queue: it is lost (as RFC 8985 §3.1 concludes). Sooner is unfair to a
 * line whose delay varies.
 */
const leastLossAfter = 500;
/** What nothing overtook may still come. */
const waitingLimit = 4_000;

function lossAfter(target: TargetHealth | undefined, isOvertaken: boolean): number {
  const least = isOvertaken ? leastLossAfter : waitingLimit;
  return Math.min(pulseLimit, Math.max(least, 2 * replyTime(target?.rtt)));
}

function withMiss(pulses: Pulses, pulse: PulseInFlight, now: Millis): Pulses {
  if (pulse.isForgiven) return pulses;
  const targets = changed(pulses.targets, pulse.target, (health) =>
    // An echo that only asked whether ICMP passes again is not missed.
    pulse.kind === "echo" && health.by === "tcp" ? health : missed(health, pulse, now),
  );
  const counted = { ...pulses, targets };
  const health = targets[pulse.target];
  // Who never answers any more says nothing of the line, and a dead line needs no closer look.
  const isTelling = pulse.isPlanned && health !== undefined && !isHopeless(health) && wasHeard(targets, pulse.sentAt);
  return isTelling ? { ...counted, ...lookAfter(pulses, pulse.sentAt, now) } : counted;
}

function lookAfter({ closerUntil, losses, interval, perInterval }: Pulses, lostAt: Millis, now: Millis): CloserLook {
  return withLoss({ closerUntil, losses }, { interval, perInterval }, lostAt, now);
}

/** A line of which nothing was heard for longer is no line that loses some. */
const livelyFor = 4_000;

function wasHeard(targets: readonly TargetHealth[], sentAt: Millis): boolean {
  return targets.some(({ heardAt }) => heardAt !== undefined && heardAt > sentAt - livelyFor);
}

export interface PulseHeard {
  readonly pulses: Pulses;
  readonly isLife: boolean;
}

/** Undefined when `id` is no pulse that is under way. `rtt` undefined: it failed. */
export function heard(pulses: Pulses, id: number, rtt: Millis | undefined, now: Millis): PulseHeard | undefined {
  const pulse = pulses.inFlight.find((candidate) => candidate.id === id);
  if (pulse === undefined) return undefined;
  const left = { ...pulses, inFlight: pulses.inFlight.filter((candidate) => candidate !== pulse) };
  if (rtt === undefined) {
    return { pulses: pulse.lostAt === undefined ? withMiss(left, pulse, now) : left, isLife: false };
  }
  const measured = pulse.isForgiven ? undefined : rtt;
  const targets = changed(left.targets, pulse.target, (health) => answered(health, pulse, measured, now));
  const echoedAt = pulse.kind === "echo" ? now : left.echoedAt;
  const answeredTo = millis(Math.max(left.answeredTo, pulse.sentAt));
  return { pulses: { ...left, targets, echoedAt, answeredTo }, isLife: true };
}

/** We were stalled: of what is under way nothing can be said. */
export function forgiven(pulses: Pulses): Pulses {
  if (pulses.inFlight.length === 0) return pulses;
  return { ...pulses, inFlight: pulses.inFlight.map((pulse) => ({ ...pulse, isForgiven: true })) };
}

/** What was lost while the path was dead says nothing of the path that came back. */
export function revived(pulses: Pulses): Pulses {
  const window = emptyWindow(pulses.interval);
  const fresh = pulses.targets.map((health) => ({ ...health, unanswered: 0, misses: 0, window }));
  return { ...forgiven(pulses), targets: fresh };
}

/** Targets that answer no pulse are asked by TCP where that passes and ICMP does not, or make room for the next in line. */
export function relieved(before: Pulses, tcpAnsweredAt: Millis | undefined): Pulses {
  let pulses = isEchoSwallowed(before, tcpAnsweredAt) ? pulsedByTcp(before) : before;
  for (const [index, { misses }] of pulses.targets.entries()) {
    if (misses >= longHopeless && mayReplace(pulses, index)) pulses = withNextInLine(pulses, index);
  }
  return pulses;
}

/** TCP must have answered long after ICMP last did: on a path that died both end together. */
function isEchoSwallowed({ targets, echoedAt, interval }: Pulses, tcpAnsweredAt: Millis | undefined): boolean {
  if (tcpAnsweredAt === undefined) return false;
  const longAfter = Math.max(3_000, Math.min(30_000, 6 * interval), 2 * interval);
  if (tcpAnsweredAt - echoedAt < longAfter) return false;
  return targets.some(({ by, unanswered }) => by === "echo" && unanswered >= hopelessMisses);
}

function pulsedByTcp(pulses: Pulses): Pulses {
  const { interval } = pulses;
  const targets = pulses.targets.map((health): TargetHealth => {
    return health.by === "tcp" ? health : { ...newTarget(health.target, interval), by: "tcp" };
  });
  return { ...pulses, targets };
}

const longHopeless = hopelessMisses * 3;

/** While nothing answers at all only the last target gives way, in case all of them are gone: what is known of the others stays. */
function mayReplace({ targets }: Pulses, index: number): boolean {
  const doesAnswer = (health: TargetHealth) => health.heardAt !== undefined && !isHopeless(health);
  return index === targets.length - 1 || targets.some(doesAnswer);
}

function withNextInLine(pulses: Pulses, index: number): Pulses {
  const [next, ...rest] = pulses.spare;
  const given = pulses.targets[index];
  if (next === undefined || given === undefined) return pulses;
  return {
    ...pulses,
    targets: pulses.targets.with(index, { ...newTarget(next, pulses.interval), by: given.by }),
    spare: [...rest, given.target],
    // What is still out to the one says nothing of the other.
    inFlight: pulses.inFlight.filter(({ target }) => target !== index),
  };
}

/** The oldest pulse that should have been answered by now, and was not. */
export function overdue({ inFlight, targets }: Pulses, now: Millis): PulseInFlight | undefined {
  return inFlight.find(
    ({ isForgiven, sentAt, target }) => !isForgiven && now - sentAt > replyTime(targets[target]?.rtt),
  );
}

function changed(
  targets: readonly TargetHealth[],
  index: number,
  change: (health: TargetHealth) => TargetHealth,
): readonly TargetHealth[] {
  const health = targets[index];
  return health === undefined ? targets : targets.with(index, change(health));
}
