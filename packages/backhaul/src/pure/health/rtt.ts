/**
 * Round-trip time of one path, smoothed. `base` is the shortest seen of late: what the path takes when no queue is full, so that
 * a queue that fills is told from a path that is long.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";

export interface RttEstimate {
  /** SRTT and RTTVAR of RFC 6298 §2. */
  readonly smoothed: Millis;
  readonly variation: Millis;
  readonly base: Millis;
  /** Interarrival jitter as RFC 3550 §6.4.1 smooths it, of round trips. */
  readonly jitter: Millis;
  readonly latest: Millis;
  /** It is made of what was sent before anything was heard, and may have waited for the next hop's address (ARP, NDP). */
  readonly isFirst: boolean;
}

/** What is taken for a path that never answered. */
export const unknownRtt: Millis = millis(1_000);

/** Each sample lets the base rise by this share of its distance: half way in some 700 samples, which outlasts any queue. */
const baseDrift = 1 / 1_000;

/** `isFirst`: the sample was sent before anything was heard. The first one that was not begins the estimate anew. */
export function withSample(before: RttEstimate | undefined, rtt: Millis, isFirst: boolean): RttEstimate {
  if (before === undefined || (before.isFirst && !isFirst)) {
    return { smoothed: rtt, variation: millis(rtt / 2), base: rtt, jitter: millis(0), latest: rtt, isFirst };
  }
  const { smoothed, variation, base, jitter, latest } = before;
  return {
    smoothed: millis(smoothed + (rtt - smoothed) / 8),
    variation: millis(variation + (Math.abs(rtt - smoothed) - variation) / 4),
    base: rtt < base ? rtt : millis(base + (rtt - base) * baseDrift),
    jitter: millis(jitter + (Math.abs(rtt - latest) - jitter) / 16),
    latest: rtt,
    isFirst: before.isFirst,
  };
}

/** How long a reply may take: SRTT + 4 × RTTVAR (RFC 6298 §2.3, without its floor of a second). */
export function replyTime(estimate: RttEstimate | undefined): Millis {
  return estimate === undefined ? unknownRtt : millis(estimate.smoothed + 4 * estimate.variation);
}

/** Shorter queues than this are what links have. */
const leastQueue = 100;

/** Whether a reply that took `rtt` waited in a queue. */
export function isQueued(estimate: RttEstimate, rtt: Millis): boolean {
  return rtt - estimate.base > Math.max(leastQueue, estimate.base);
}
