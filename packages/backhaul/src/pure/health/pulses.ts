/**
 * The pulses of one path: when each target has its next, which are under way, and what came of them. All paths keep to one grid
 * of time, so that a node with many uplinks wakes seldom.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { ProbeTarget, ProfileConfig } from "./health-config.ts";
import { emptyWindow } from "./quality-window.ts";
import { replyTime } from "./rtt.ts";
import { pulsedTargets } from "./schedule.ts";
import { answered, hopelessMisses, missed, newTarget, nextPulseKind, type TargetHealth } from "./target-health.ts";

export interface PulseInFlight {
  readonly id: number;
  /** Index in `targets`. */
  readonly target: number;
  readonly kind: "echo" | "tcp";
  readonly sentAt: Millis;
  /** Neither its time nor its loss counts: we were stalled while it was under way. */
  readonly isForgiven: boolean;
}

export interface Pulses {
  readonly interval: Millis;
  /** Targets pulsed in each interval. */
  readonly perInterval: number;
  /** Those that are pulsed, in turn. */
  readonly targets: readonly TargetHealth[];
  /** Those that stand in for one that fails, next first. */
  readonly spare: readonly ProbeTarget[];
  readonly nextAt: Millis;
  readonly next: number;
  /** Oldest first. */
  readonly inFlight: readonly PulseInFlight[];
}

/** A pulse to send now. */
export interface DuePulse {
  readonly target: number;
  readonly kind: "echo" | "tcp";
}

/** A reply that is later than this is a loss; a full queue of four seconds is still seen as one. */
export const pulseLimit: Millis = seconds(4);
/** More are under way only when bursts meet a long queue; the oldest then count as lost. */
const mostInFlight = 512;
/** A TCP handshake is no pulse to repeat twenty times a second at a stranger's server. */
const leastTcpInterval = 1_000;

export function newPulses(all: readonly ProbeTarget[], profile: ProfileConfig, require: number, now: Millis): Pulses {
  const { interval } = profile;
  // One more than must answer: the fault of a single target is not the path's.
  const active = require + 1;
  const perInterval = Math.min(all.length, require > 1 ? active : pulsedTargets(profile));
  return {
    interval,
    perInterval,
    targets: all.slice(0, active).map((target) => newTarget(target, interval, now)),
    spare: all.slice(active),
    nextAt: now,
    next: 0,
    inFlight: [],
  };
}

/** How far apart the pulses to one target are: longer than configured when none answers to ICMP. */
export function effectiveInterval({ interval, targets }: Pulses): Millis {
  const answersEcho = targets.some(({ by, misses }) => by === "echo" && misses < hopelessMisses);
  const isTcp = !answersEcho && targets.some(({ by }) => by === "tcp");
  return isTcp ? millis(Math.max(interval, leastTcpInterval)) : interval;
}

/** The pulse that is due, if one is, and the plan for the next. */
export function takeDue(pulses: Pulses, now: Millis): { readonly pulses: Pulses; readonly due: readonly DuePulse[] } {
  if (now < pulses.nextAt || pulses.targets.length === 0) return { pulses, due: [] };
  const target = pulses.next % pulses.targets.length;
  const step = effectiveInterval(pulses) / pulses.perInterval;
  const nextAt = millis((Math.floor(now / step) + 1) * step);
  return { pulses: { ...pulses, nextAt, next: target + 1 }, due: dueOf(pulses, target) };
}

/** One pulse to every target, besides the plan. */
export function burstOf(pulses: Pulses): readonly DuePulse[] {
  return pulses.targets.flatMap((_, target) => dueOf(pulses, target));
}

function dueOf({ targets }: Pulses, target: number): readonly DuePulse[] {
  const health = targets[target];
  return health === undefined ? [] : [{ target, kind: nextPulseKind(health) }];
}

export function sent(pulses: Pulses, pulse: DuePulse, id: number, now: Millis): Pulses {
  const targets = changed(pulses.targets, pulse.target, (health) => ({ ...health, pulses: health.pulses + 1 }));
  const inFlight = [...pulses.inFlight, { ...pulse, id, sentAt: now, isForgiven: false }];
  return { ...pulses, targets, inFlight };
}

/** Counts as lost what is under way for too long. */
export function expired(pulses: Pulses, now: Millis): Pulses {
  const { inFlight } = pulses;
  const isOver = (pulse: PulseInFlight, index: number) =>
    now - pulse.sentAt > pulseLimit || inFlight.length - index > mostInFlight;
  if (inFlight[0] === undefined || !isOver(inFlight[0], 0)) return pulses;
  const over = inFlight.filter(isOver);
  const left = { ...pulses, inFlight: inFlight.slice(over.length) };
  return over.reduce<Pulses>((all, pulse) => withMiss(all, pulse, now), left);
}

function withMiss(pulses: Pulses, pulse: PulseInFlight, now: Millis): Pulses {
  if (pulse.isForgiven) return pulses;
  const targets = changed(pulses.targets, pulse.target, (health) =>
    // An echo that only asked whether ICMP passes again is not missed.
    pulse.kind === "echo" && health.by === "tcp" ? health : missed(health, pulse, now),
  );
  return { ...pulses, targets };
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
  if (rtt === undefined) return { pulses: withMiss(left, pulse, now), isLife: false };
  const measured = pulse.isForgiven ? undefined : rtt;
  const targets = changed(left.targets, pulse.target, (health) => answered(health, pulse, measured, now));
  return { pulses: { ...left, targets }, isLife: true };
}

/** We were stalled: of what is under way nothing can be said. */
export function forgiven(pulses: Pulses): Pulses {
  if (pulses.inFlight.length === 0) return pulses;
  return { ...pulses, inFlight: pulses.inFlight.map((pulse) => ({ ...pulse, isForgiven: true })) };
}

/** What was lost while the path was dead says nothing of the path that came back. */
export function revived(pulses: Pulses): Pulses {
  const fresh = pulses.targets.map((health) => ({ ...health, misses: 0, window: emptyWindow(pulses.interval) }));
  return { ...forgiven(pulses), targets: fresh };
}

/** A target that answers nothing on a path that lives makes room for the next in line, or is asked by TCP when that answers. */
export function relieved(pulses: Pulses, answersTcp: (target: ProbeTarget) => boolean, now: Millis): Pulses {
  let { targets, spare } = pulses;
  const isEchoDead = now - lastEcho(pulses) >= Math.min(30_000, Math.max(3_000, 6 * pulses.interval));
  for (const [index, health] of targets.entries()) {
    if (health.misses < hopelessMisses) continue;
    const [next, ...rest] = spare;
    if (isEchoDead && health.by === "echo" && answersTcp(health.target)) {
      targets = targets.with(index, {
        ...newTarget(health.target, pulses.interval, now),
        by: "tcp",
      });
    } else if (next !== undefined && health.misses >= hopelessMisses * 3) {
      targets = targets.with(index, newTarget(next, pulses.interval, now));
      spare = [...rest, health.target];
    }
  }
  return targets === pulses.targets ? pulses : { ...pulses, targets, spare };
}

/** When a target last answered to ICMP. */
function lastEcho({ targets }: Pulses): number {
  return Math.max(...targets.map(({ echoedAt }) => echoedAt));
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
