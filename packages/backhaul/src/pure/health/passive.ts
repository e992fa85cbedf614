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
  /** Oldest first; they span the time over which nothing must have come. */
  readonly readings: readonly Reading[];
  /** Suspicions in a row that were wrong: traffic that goes one way only must not cost a burst each second. */
  readonly falseAlarms: number;
  readonly muteUntil: Millis;
}

const readEvery = 250;
/** Nothing must have come for so long. */
const flatFor = 750;
const leastSent = 2;
/** A gateway's ARP answers are no progress: of what is sent this share must come back. */
const leastShare = 1 / 8;

export function newTrafficWatch(now: Millis): TrafficWatch {
  return { nextAt: now, readings: [], falseAlarms: 0, muteUntil: now };
}

export interface Watched {
  readonly watch: TrafficWatch;
  readonly isSuspicious: boolean;
}

export function withReading(before: TrafficWatch, counts: TrafficCounts | undefined, now: Millis): Watched {
  const nextAt = millis((Math.floor(now / readEvery) + 1) * readEvery);
  if (counts === undefined) return { watch: { ...before, nextAt, readings: [] }, isSuspicious: false };
  const oldest = before.readings.findLastIndex((reading) => now - reading.at >= flatFor);
  const readings = [...before.readings.slice(Math.max(0, oldest)), { at: now, counts }];
  const [first] = readings;
  const flow = first === undefined || now - first.at < flatFor ? undefined : flowBetween(first.counts, counts);
  const falseAlarms = flow === "both ways" ? 0 : before.falseAlarms;
  const isSuspicious = flow === "out only" && now >= before.muteUntil;
  return { watch: { ...before, nextAt, readings, falseAlarms }, isSuspicious };
}

function flowBetween(before: TrafficCounts, after: TrafficCounts): "none" | "out only" | "both ways" {
  const sent = after.sentPackets - before.sentPackets;
  const received = after.receivedPackets - before.receivedPackets;
  if (sent < leastSent) return "none";
  return received < sent * leastShare ? "out only" : "both ways";
}

/** What was counted while the path was dead says nothing of the path that came back. */
export function begunAnew(before: TrafficWatch): TrafficWatch {
  return { ...before, readings: [] };
}

/** The burst that a suspicion began was answered. */
export function calmed(before: TrafficWatch, now: Millis): TrafficWatch {
  const mute = Math.min(300_000, 5_000 * 2 ** before.falseAlarms);
  return { ...before, readings: [], falseAlarms: Math.min(before.falseAlarms + 1, 10), muteUntil: millis(now + mute) };
}
