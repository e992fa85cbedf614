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

export function counted(window: QualityWindow, at: Millis, what: "answered" | "lost", count = 1): QualityWindow {
  const { bucketLength, buckets } = window;
  const last = buckets.at(-1);
  const add = (bucket: Bucket): Bucket => ({ ...bucket, [what]: bucket[what] + count });
  if (last !== undefined && at - last.from < bucketLength) {
    return { bucketLength, buckets: buckets.with(-1, add(last)) };
  }
  const oldest = at - bucketLength * bucketCount;
  const kept = buckets.filter((bucket) => bucket.from > oldest).slice(1 - bucketCount);
  return { bucketLength, buckets: [...kept, add({ from: at, answered: 0, lost: 0 })] };
}

export interface LossEstimate {
  readonly samples: number;
  /** 0…1. */
  readonly loss: number;
  /** Wilson's score interval at 95 %: what the loss of the path may be, given so few samples. */
  readonly low: number;
  readonly high: number;
}

/** Undefined without a sample in the window that ends at `now`. */
export function lossOf(windows: readonly QualityWindow[], now: Millis): LossEstimate | undefined {
  let answered = 0;
  let lost = 0;
  for (const { bucketLength, buckets } of windows) {
    for (const bucket of buckets) {
      if (now - bucket.from > bucketLength * bucketCount) continue;
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
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
