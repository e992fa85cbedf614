/**
 * Passive evidence, for uplinks where every byte costs: while packets are sent and none comes back something may be wrong, and
 * only then probes are spent to find out.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { TrafficCounts } from "../state.ts";

interface Reading {
  readonly at: Millis;
  readonly counts: TrafficCounts;
}

export interface TrafficWatch {
  readonly nextAt: Millis;
  readonly last: Reading | undefined;
  /** What was sent since anything came back; undefined while nothing waits for an answer. */
  readonly unanswered: { readonly packets: number; readonly since: Millis } | undefined;
  /** Suspicions in a row that were wrong: traffic that goes one way only must not cost a burst each second. */
  readonly falseAlarms: number;
  readonly muteUntil: Millis;
}

const readEvery = 250;
/** Nothing must have come for so long. TCP repeats ever more seldom, so what was sent is counted since anything came, however long ago. */
const flatFor = 750;
/** A single packet may be a neighbour's name asked for, which nobody need answer. */
const leastSent = 2;
/** A gateway's ARP answers are no progress: of what is sent this share must come back. */
const leastShare = 1 / 8;

export function newTrafficWatch(now: Millis): TrafficWatch {
  return { nextAt: now, last: undefined, unanswered: undefined, falseAlarms: 0, muteUntil: now };
}

/** The counters were asked for; should nobody answer, they are asked for again. */
export function readingAsked(before: TrafficWatch, now: Millis): TrafficWatch {
  return { ...before, nextAt: millis(now + readEvery) };
}

export interface Watched {
  readonly watch: TrafficWatch;
  readonly isSuspicious: boolean;
}

export function withReading(before: TrafficWatch, counts: TrafficCounts | undefined, now: Millis): Watched {
  const nextAt = millis((Math.floor(now / readEvery) + 1) * readEvery);
  const last = counts && { at: now, counts };
  if (counts === undefined || before.last === undefined) {
    return { watch: { ...before, nextAt, last, unanswered: undefined }, isSuspicious: false };
  }
  const sent = counts.sentPackets - before.last.counts.sentPackets;
  const received = counts.receivedPackets - before.last.counts.receivedPackets;
  if (received > 0 && received >= sent * leastShare) {
    const falseAlarms = sent > 0 ? 0 : before.falseAlarms;
    return { watch: { ...before, nextAt, last, unanswered: undefined, falseAlarms }, isSuspicious: false };
  }
  const waiting = before.unanswered ?? (sent > 0 ? { packets: 0, since: before.last.at } : undefined);
  const unanswered = waiting && { packets: waiting.packets + sent, since: waiting.since };
  const isFlat = unanswered !== undefined && unanswered.packets >= leastSent && now - unanswered.since >= flatFor;
  return { watch: { ...before, nextAt, last, unanswered }, isSuspicious: isFlat && now >= before.muteUntil };
}

/** What was counted while the path was dead says nothing of the path that came back. */
export function begunAnew(before: TrafficWatch): TrafficWatch {
  return { ...before, last: undefined, unanswered: undefined };
}

/** The burst that a suspicion began was answered. */
export function calmed(before: TrafficWatch, now: Millis): TrafficWatch {
  const mute = Math.min(300_000, 5_000 * 2 ** before.falseAlarms);
  return {
    ...before,
    last: undefined,
    unanswered: undefined,
    falseAlarms: Math.min(before.falseAlarms + 1, 10),
    muteUntil: millis(now + mute),
  };
}
