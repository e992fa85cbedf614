/**
 * How often one thing is repaired that somebody else keeps undoing: at once at first, then ever more rarely. Two programs that
 * each insist must not spend a machine's time on it.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";

export interface RepairLimit {
  /** A bucket for each thing that was repaired of late, by its name. */
  readonly buckets: ReadonlyMap<string, Bucket>;
}

interface Bucket {
  readonly tokens: number;
  readonly at: Millis;
}

/** So many repairs in a row are a coincidence … */
const burst = 5;
/** … and one more is allowed each time that so long has passed. */
const refillEvery = 12_000;
/** Things repaired within the time that fills a bucket; older ones are forgotten. */
const forgottenAfter: number = burst * refillEvery;

export const noRepairs: RepairLimit = { buckets: new Map() };

export interface Permission {
  readonly limit: RepairLimit;
  /** Undefined: now. */
  readonly notBefore: Millis | undefined;
}

/** Asks for one repair of `name`, and counts it when it may be made now. */
export function askRepair({ buckets }: RepairLimit, name: string, now: Millis): Permission {
  const { tokens } = filled(buckets.get(name), now);
  if (tokens < 1) {
    return { limit: { buckets }, notBefore: millis(now + Math.ceil((1 - tokens) * refillEvery)) };
  }
  const kept = [...buckets].filter(([, { at }]) => now - at < forgottenAfter);
  return { limit: { buckets: new Map(kept).set(name, { tokens: tokens - 1, at: now }) }, notBefore: undefined };
}

function filled(bucket: Bucket | undefined, now: Millis): Bucket {
  if (bucket === undefined) return { tokens: burst, at: now };
  return { tokens: Math.min(burst, bucket.tokens + (now - bucket.at) / refillEvery), at: now };
}
