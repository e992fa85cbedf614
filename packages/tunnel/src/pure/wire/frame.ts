/**
 * The frames inside a lane's records, and their numbers on the wire. A number here is within its bounds, and an offset is a safe integer:
 * who decodes sees to it, and nobody checks again. Source: docs/protocols/tunnel-session.md, "Frames".
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Branded } from "@ropewalk/kernel/units";
import type { ResetReason } from "./reset-reason.ts";

export const frameType = {
  start: 1,
  started: 2,
  resume: 3,
  resumed: 4,
  unknown: 5,
  ping: 6,
  pong: 7,
  "key-update": 8,
  "go-away": 9,
  join: 10,
  connect: 16,
  accept: 17,
  data: 18,
  credit: 19,
  ack: 20,
  fin: 21,
  reset: 22,
  gone: 23,
  datagram: 24,
} as const;

/** 1 to 2³² − 1: odd where the source opened the stream, even where the destination did. */
export type StreamId = Branded<number, "StreamId">;

export interface Settings {
  readonly version: number;
  /** How much a stream may first send to the sender of these settings. */
  readonly initialCredit: number;
  /** How many streams the sender takes at a time. */
  readonly mostStreams: number;
}

export interface ResumeState {
  /** The highest stream of the receiver's that the sender knows; 0: none. */
  readonly highest: number;
  /** What the sender still has, each once. */
  readonly streams: readonly StreamState[];
}

export interface StreamState {
  readonly stream: StreamId;
  /** How much of the receiver's direction the sender has, its end counted. */
  readonly received: number;
  /** The offset beyond which the receiver may not send. */
  readonly limit: number;
}

/** `stopping`: no more streams, please. `revoked`: this session may not go on. */
export type GoAwayReason = keyof typeof goAwayReasons;

export const goAwayReasons = { stopping: 1, over: 2 } as const;

export interface DataFrame {
  readonly type: "data";
  readonly stream: StreamId;
  /** Of the first of the octets. */
  readonly offset: number;
  /** At least one; a view of the plaintext. */
  readonly octets: Uint8Array;
}

export type Frame =
  | { readonly type: "start" | "started"; readonly settings: Settings }
  | {
      readonly type: "resume";
      readonly attempt: number;
      /** 16 octets: the session's name. */
      readonly session: Uint8Array;
      /** 48 octets. */
      readonly proof: Uint8Array;
      readonly state: ResumeState;
    }
  | { readonly type: "resumed"; readonly proof: Uint8Array; readonly state: ResumeState }
  | { readonly type: "unknown" | "key-update" | "join" }
  /** Of 8 octets. */
  | { readonly type: "ping" | "pong"; readonly token: Uint8Array }
  | { readonly type: "go-away"; readonly reason: GoAwayReason }
  | { readonly type: "connect"; readonly stream: StreamId; readonly limit: number; readonly request: Uint8Array }
  | { readonly type: "accept" | "credit"; readonly stream: StreamId; readonly limit: number }
  | DataFrame
  | { readonly type: "ack"; readonly stream: StreamId; readonly received: number }
  | { readonly type: "fin"; readonly stream: StreamId; readonly offset: number }
  | { readonly type: "reset"; readonly stream: StreamId; readonly reason: ResetReason }
  | { readonly type: "gone"; readonly stream: StreamId }
  | { readonly type: "datagram"; readonly octets: Uint8Array };

/** In octets. */
export const fieldLengths = { session: 16, proof: 48, token: 8, streamState: 20 } as const;

/** Octets of a frame up to the part whose length is told in it. */
export const headLengths = { resume: 69, resumed: 49, connect: 15, data: 17, datagram: 3 } as const;

/** Throws InternalError where there is no such stream. */
export function streamId(value: number): StreamId {
  if (!Number.isInteger(value) || value < 1 || value > 0xffff_ffff) throw new InternalError(`${value} is no stream`);
  return value as StreamId;
}
