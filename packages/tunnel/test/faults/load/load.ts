/** What the two processes of the load are told, and what they report. A stream begins with eight octets that say what it is. */
import type { EndResult } from "./stream-end.ts";

/** Four octets, and behind them the number of the stream. */
export const streamMark = "RWld";
/** What comes behind it is sent back as it is. */
export const pulseMark = "RWpu";
export const markLength = 8;

export interface LoadOptions {
  readonly seed: number;
  readonly length: number;
}

export interface ClientsOptions extends LoadOptions {
  readonly port: number;
  /** Streams that live at once. */
  readonly streams: number;
}

export type LoadCommand =
  /** Streams that end are followed by others, until "finish". */
  | ({ readonly kind: "begin" } & ClientsOptions)
  | { readonly kind: "finish" }
  /** A stream that asks and is answered without a rest. */
  | { readonly kind: "pulse"; readonly port: number; readonly pauseMs: number }
  | { readonly kind: "beat"; readonly begunAfter: number; readonly endedAfter: number }
  | { readonly kind: "beats" }
  | { readonly kind: "progress" };

export type LoadReport =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "ended"; readonly result: EndResult }
  /** A connection to the target that is none of the load's, or ended before it said what it is. */
  | { readonly kind: "stranger"; readonly why: string }
  | { readonly kind: "finished"; readonly streams: number }
  /** The first one of the pulse that was begun and ended no sooner than was asked. */
  | { readonly kind: "beat"; readonly begun: number; readonly ended: number }
  | { readonly kind: "beats"; readonly tookMs: readonly number[] }
  | { readonly kind: "pulse-ended"; readonly why: string }
  | { readonly kind: "progress"; readonly live: readonly string[] };

export function markOf(mark: string, number: number): Buffer {
  const octets = Buffer.alloc(markLength);
  octets.write(mark, "latin1");
  octets.writeUInt32BE(number, 4);
  return octets;
}
