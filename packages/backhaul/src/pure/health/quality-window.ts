/**
 * Loss on one path over a sliding window, in buckets, so that it costs the same at twenty pulses a second as at one a minute.
 * A pulse counts in the bucket in which it was decided: answered or lost.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";

interface Bucket {
  readonly from: Millis;
  readonly answered: number;
  readonly lost: number;
}

export interface QualityWindow {
  readonly bucketLength: Millis;
  /** Oldest first, at most `bucketCount`. */
  readonly buckets: readonly Bucket[];
}

const bucketCount = 12;

/** A window of sixty intervals, at least ten seconds. */
export function emptyWindow(interval: Millis): QualityWindow {
  return { bucketLength: millis(Math.max(10_000, interval * 60) / bucketCount), buckets: [] };
}

export function counted(window: QualityWindow, at: Millis, what: "answered" | "lost"): QualityWindow {
  const { bucketLength, buckets } = window;
  const last = buckets.at(-1);
  const add = (bucket: Bucket): Bucket => ({ ...bucket, [what]: bucket[what] + 1 });
  if (last !== undefined && at - last.from < bucketLength) {
    return { bucketLength, buckets: buckets.with(-1, add(last)) };
  }
  const oldest = at - bucketLength * bucketCount;
  const kept = buckets.filter((bucket) => bucket.from > oldest).slice(1 - bucketCount);
  return { bucketLength, buckets: [...kept, add({ from: at, answered: 0, lost: 0 })] };
}

/** What was counted as lost at `lostAt` came after all. */
export function foundAgain(window: QualityWindow, lostAt: Millis): QualityWindow {
  const { bucketLength, buckets } = window;
  const index = buckets.findIndex(({ from }) => lostAt >= from && lostAt - from < bucketLength);
  const bucket = buckets[index];
  if (bucket === undefined || bucket.lost === 0) return window;
  const found = { ...bucket, lost: bucket.lost - 1, answered: bucket.answered + 1 };
  return { bucketLength, buckets: buckets.with(index, found) };
}

export interface LossEstimate {
  readonly samples: number;
  /** 0…1. */
  readonly loss: number;
  /** Wilson's score interval at 95 %: what the loss of the path may be, given so few samples. */
  readonly low: number;
  readonly high: number;
}

/** As `lossOf`, and always over the whole window. */
export function wholeLossOf(windows: readonly QualityWindow[], now: Millis): LossEstimate | undefined {
  return lossSince(windows, now, bucketCount);
}

/** So many of the newest buckets tell at the soonest that a line has changed. */
const fewest = 2;

/**
 * Undefined without a sample in the window that ends at `now`. A line that has changed is judged by the end of the window: when
 * the two intervals lie apart, it is no chance. Of one that got worse the newest buckets tell; one that got better is better as
 * long as any end of the window says so, else what is about to leave the window would speak up once more.
 */
export function lossOf(windows: readonly QualityWindow[], now: Millis): LossEstimate | undefined {
  const whole = lossSince(windows, now, bucketCount);
  if (whole === undefined) return undefined;
  const newest = lossSince(windows, now, fewest);
  if (newest === undefined || newest.low > whole.high) return newest ?? whole;
  if (whole.low === 0) return whole;
  for (let count = fewest; count < bucketCount; count += 1) {
    const end = lossSince(windows, now, count);
    if (end !== undefined && end.high < whole.low) return end;
  }
  return whole;
}

function lossSince(windows: readonly QualityWindow[], now: Millis, count: number): LossEstimate | undefined {
  let answered = 0;
  let lost = 0;
  for (const { bucketLength, buckets } of windows) {
    for (const bucket of buckets) {
      if (now - bucket.from > bucketLength * count) continue;
      answered += bucket.answered;
      lost += bucket.lost;
    }
  }
  const samples = answered + lost;
  return samples === 0 ? undefined : { samples, loss: lost / samples, ...wilson(lost, samples) };
}

/** Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). */
function wilson(lost: number, samples: number): { readonly low: number; readonly high: number } {
  const z = 1.96;
  const share = lost / samples;
  const scale = 1 + (z * z) / samples;
  const centre = (share + (z * z) / (2 * samples)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / samples + (z * z) / (4 * samples * samples))) / scale;
  // Exact where rounding would leave a trace of loss that was never seen.
  return { low: lost === 0 ? 0 : centre - half, high: lost === samples ? 1 : centre + half };
}
