/**
 * The silence detector: how long a path may be quiet before it is dead, and the burst of pulses that makes sure first.
 * From a cut to the verdict it takes at most 3 × interval + srtt + 4 × rttvar. Our own stalls are not the path's silence.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { effectiveInterval, overdue, type Pulses } from "./pulses.ts";
import { replyTime } from "./rtt.ts";
import { isHopeless, pathRtt, patience } from "./target-health.ts";

export interface Burst {
  readonly since: Millis;
  readonly nextAt: Millis;
  /** `passive`: what is sent rises and nothing comes back. */
  readonly cause: "gap" | "passive";
  /** The checks that tell how far a path still reaches are asked once in a burst. */
  readonly isChecking: boolean;
  /** What the interface had received when the burst began; undefined until read. */
  readonly received: Received | undefined;
  /** Receiving went on: the verdict waits, but not for ever. */
  readonly extensions: number;
  readonly isAskingTraffic: boolean;
}

export interface Received {
  readonly bytes: number;
  readonly packets: number;
}

/** What was not sent while we were stopped is not answered either: a round trip later so much silence is ours. */
export interface OwnGap {
  readonly until: Millis;
  readonly length: Millis;
}

export interface Quiet {
  readonly pulses: Pulses;
  /** The last sign of life of any target; of the k-th when k must answer. */
  readonly heardAt: Millis;
  readonly hasHeard: boolean;
  readonly burst: Burst | undefined;
  readonly ownGap: OwnGap | undefined;
}

/** A path with rarer pulses cannot wait for three of them: a burst decides. */
const rare = 10_000;
/** Before the first reply: the first SYN may be lost and repeated, the network may still be coming up. */
const firstBound = 4_000;
/** So many rounds of a burst unanswered decide on rare pulses. */
const decisiveRounds = { gap: 10, passive: 4 } as const;
/** An overdue reply of a rare pulse is waited for no less than this. */
const leastOverdue = 1_000;

export function isRare({ interval }: Pulses): boolean {
  return interval >= rare;
}

/** From one round of a burst to the next. */
export function burstInterval(pulses: Pulses): Millis {
  return millis(Math.min(100, Math.max(10, effectiveInterval(pulses) / 5)));
}

/** How long after the last sign of life the path is taken for dead. */
export function silenceBound({ pulses, hasHeard }: Quiet): Millis {
  return hasHeard ? usualBound(pulses) : millis(firstBound);
}

/** So close together as many must be heard as must answer. */
export function usualBound(pulses: Pulses): Millis {
  return millis(3 * effectiveInterval(pulses) + patience(pulses.targets));
}

/** When the path is taken for dead, if nothing is heard until then. */
export function silentAt(quiet: Quiet): Millis {
  const { pulses, heardAt, burst } = quiet;
  const bound = silenceBound(quiet);
  const byGap = heardAt + bound * (1 + (burst?.extensions ?? 0)) + ownSilence(quiet);
  if (burst === undefined || !quiet.hasHeard || !isRare(pulses)) return millis(byGap);
  const rounds = decisiveRounds[burst.cause] * burstInterval(pulses) + replyTime(pathRtt(pulses.targets));
  return millis(Math.min(byGap, burst.since + rounds * (1 + burst.extensions)));
}

/** When a burst begins, if nothing is heard until then; undefined when nothing is awaited. */
export function suspiciousAt(quiet: Quiet, now: Millis): Millis | undefined {
  const { pulses, heardAt, hasHeard, burst } = quiet;
  if (burst !== undefined || !hasHeard) return undefined;
  if (isRare(pulses)) {
    const pulse = overdue(pulses, now);
    if (pulse === undefined || pulse.sentAt < heardAt) return undefined;
    return millis(pulse.sentAt + Math.max(leastOverdue, replyTime(pulses.targets[pulse.target]?.rtt)));
  }
  return millis(heardAt + (pulses.require + 1) * apart(pulses) + patience(pulses.targets) + ownSilence(quiet));
}

/** So much of the silence since the last sign of life is our own. */
function ownSilence({ heardAt, ownGap }: Quiet): number {
  return ownGap === undefined ? 0 : Math.max(0, Math.min(ownGap.length, ownGap.until - heardAt));
}

/** After a stop of ours that ended at `now`; of two gaps the one that will be missed longer. */
export function gapAfterStop({ pulses, ownGap }: Quiet, stopped: Millis, now: Millis): OwnGap {
  const isLeft = ownGap !== undefined && Math.min(ownGap.length, ownGap.until - now) > stopped;
  return isLeft ? ownGap : { until: millis(now + replyTime(pathRtt(pulses.targets))), length: stopped };
}

/** From one reply to the next, when of each target that answers one comes in every interval. */
function apart(pulses: Pulses): number {
  const answering = pulses.targets.filter((health) => !isHopeless(health)).length;
  return effectiveInterval(pulses) / Math.max(1, Math.min(answering, pulses.perInterval));
}

export function newBurst(cause: Burst["cause"], now: Millis): Burst {
  const none = { isChecking: false, received: undefined, extensions: 0, isAskingTraffic: true };
  return { since: now, nextAt: now, cause, ...none };
}

/** Longer than this it is not waited for a path that only receives. */
const mostExtensions = 2;
/** Fewer may be a neighbour's broadcasts, or the gateway's own chatter; the acknowledgements of a fast upload are more. */
const progress = { packets: 12, perSecond: 150 } as const;

/** Somebody's traffic still comes in: our pulses may be waiting behind it, or have been dropped by a full queue. */
export function mayExtend(burst: Burst, received: Received | undefined, now: Millis): boolean {
  const { received: before, extensions } = burst;
  if (before === undefined || received === undefined || extensions >= mostExtensions) return false;
  const packets = received.packets - before.packets;
  return packets >= Math.max(progress.packets, ((now - burst.since) / 1_000) * progress.perSecond);
}
