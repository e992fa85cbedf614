/**
 * How often announces go over a link. Every ten minutes, give or take a tenth, as long as they take no more than 2 % of what the
 * link can carry; as much more rarely as they take more. Each link is paced by itself: it is the poor ones that come to their
 * 2 % first, and the good ones do not wait for them.
 */
import { type BitsPerSecond, type Millis, millis, seconds } from "@ropewalk/kernel/units";

/** What one link's announces took since its pace was last set. */
export interface AnnouncePace {
  /** How many times the base interval, 1 or more. */
  readonly stretch: number;
  /** Octets of announces over the link, both ways, since `since`. */
  readonly octets: number;
  readonly since: Millis;
}

export const announceInterval: Millis = seconds(600);
/** An announce lives for so many intervals: one may be lost, however the jitter falls. */
const intervalsOfLife = 3;
/** What the field of an announce can say. */
const longestLifetime = seconds(65_535);
const longestStretch = longestLifetime / intervalsOfLife / announceInterval;
const mostShare = 0.02;
/** The pace changes by no more than this at once: what a link tells when it comes up is not what it will tell. */
const mostChange = 2;
const jitter = 0.1;

export function newPace(now: Millis): AnnouncePace {
  return { stretch: 1, octets: 0, since: now };
}

/** An announce of so many octets went over the link, either way. */
export function announced(pace: AnnouncePace, octets: number): AnnouncePace {
  return { ...pace, octets: pace.octets + octets };
}

/** Share of what the link could carry since the pace was set that announces took: 0 for a time of nothing, and 1 of a rate of nothing. */
export function announceShare({ octets, since }: AnnouncePace, rate: BitsPerSecond, now: Millis): number {
  if (octets === 0 || now <= since) return 0;
  const capacity = (rate / 8_000) * (now - since);
  return capacity <= octets ? 1 : octets / capacity;
}

/** The pace from now on, of a link that carries `rate` in the long run. To be called once an interval of the link. */
export function adaptedPace(pace: AnnouncePace, rate: BitsPerSecond, now: Millis): AnnouncePace {
  const wanted = announceShare(pace, rate, now) / mostShare;
  const change = Math.min(mostChange, Math.max(1 / mostChange, wanted));
  const stretch = Math.min(longestStretch, Math.max(1, pace.stretch * change));
  return { stretch, octets: 0, since: now };
}

export function paceInterval({ stretch }: AnnouncePace): Millis {
  return millis(announceInterval * stretch);
}

/** When to announce over the link again. `chance` is in 0…1: nodes that came up together do not announce together. */
export function reannounceAt(last: Millis, pace: AnnouncePace, chance: number): Millis {
  return millis(last + paceInterval(pace) * (1 - jitter + 2 * jitter * chance));
}

/** What an announce is to say of its lifetime, where it is made anew each `interval`: half an hour for ten minutes. */
export function announceLifetime(interval: Millis): Millis {
  return millis(Math.min(longestLifetime, interval * intervalsOfLife));
}
