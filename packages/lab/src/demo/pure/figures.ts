/** What became of a call and of a download since a moment, from what their programs told. Times are CLOCK_MONOTONIC, in nanoseconds. */
import { longestGaps, type Packet, summarize } from "../../pure/packet-record.ts";

export interface CallFigures {
  /** The longest time without a packet back, up to now; the packets' own distance when nothing was wrong. */
  readonly longestSilenceMs: number;
  /** Between the last reply before the moment and the last one of all: what is not answered yet is not lost yet. */
  readonly lost: number;
  readonly answered: number;
}

export function callFigures(replies: readonly Packet[], since: bigint, now: bigint): CallFigures {
  const first = replies.findLastIndex(({ arrivedAt }) => arrivedAt <= since);
  const heard = replies.slice(Math.max(0, first));
  const [longest] = longestGaps(heard, 1);
  const present = now - (heard.at(-1)?.arrivedAt ?? since);
  return {
    longestSilenceMs: milliseconds(longest !== undefined && longest.nanos > present ? longest.nanos : present),
    lost: summarize(heard).lost,
    answered: heard.length,
  };
}

export interface OctetCount {
  readonly total: number;
  readonly at: bigint;
}

export interface Pause {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Break {
  readonly reason: string;
  readonly at: bigint;
}

export interface DownloadTroubles {
  readonly pauses: readonly Pause[];
  readonly breaks: readonly Break[];
}

export interface DownloadFigures {
  /** The longest time without an octet; 0 when there was none of 20 ms or more. */
  readonly longestPauseMs: number;
  /** Why each connection that broke did: the error's name. */
  readonly broken: readonly string[];
}

export function downloadFigures({ pauses, breaks }: DownloadTroubles, since: bigint): DownloadFigures {
  const lengths = pauses.filter(({ to }) => to > since).map(({ from, to }) => milliseconds(to - from));
  return {
    longestPauseMs: Math.max(0, ...lengths),
    broken: breaks.filter(({ at }) => at > since).map(({ reason }) => reason),
  };
}

/** Mean rate between two moments; what came since the last count before `to` is not in it. */
export function megabitsPerSecond(counts: readonly OctetCount[], from: bigint, to: bigint): number {
  const octets = totalAt(counts, to) - totalAt(counts, from);
  return to <= from ? 0 : Math.round((octets * 8e4) / Number(to - from)) / 10;
}

function totalAt(counts: readonly OctetCount[], moment: bigint): number {
  return counts.findLast(({ at }) => at <= moment)?.total ?? 0;
}

/** With a tenth of a millisecond. */
export function milliseconds(nanos: bigint): number {
  return Math.round(Number(nanos) / 1e5) / 10;
}
