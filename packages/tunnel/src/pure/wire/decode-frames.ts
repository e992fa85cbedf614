/**
 * From a record's plaintext to its frames. All of it is whole frames with every field in its bounds, or it is malformed, and nothing of
 * it is believed. Lengths are compared with what is there before anything is made of them, so that a frame costs no more than its octets.
 */
import { readU16, readU32, readU64 } from "@ropewalk/kernel/big-endian";
import {
  type Frame,
  fieldLengths,
  frameType,
  type GoAwayReason,
  goAwayReasons,
  headLengths,
  type ResumeState,
  type StreamId,
  type StreamState,
} from "./frame.ts";
import { resetReason } from "./reset-reason.ts";

/** Views of the plaintext, in its order. No record has no frame. */
export function decodeFrames(plaintext: Uint8Array): readonly Frame[] | "malformed" {
  const frames: Frame[] = [];
  let at = 0;
  while (at < plaintext.length) {
    const end = frameEnd(plaintext, at);
    if (end === undefined || end > plaintext.length) return "malformed";
    const frame = decodeFrame(plaintext, at, end);
    if (frame === undefined) return "malformed";
    frames.push(frame);
    at = end;
  }
  return frames.length === 0 ? "malformed" : frames;
}

/** Where the frame at `at` ends, by its type and the length told in it, which may be beyond what there is; undefined: nowhere. */
function frameEnd(octets: Uint8Array, at: number): number | undefined {
  const type = octets[at] ?? 0;
  const length = headLength[type] ?? 0;
  const head = at + length;
  if (length === 0 || head > octets.length) return undefined;
  switch (type) {
    case frameType.data:
      return head + readU32(octets, at + 13);
    case frameType.connect:
      return head + readU16(octets, at + 13);
    case frameType.datagram:
      return head + readU16(octets, at + 1);
    case frameType.resume:
    case frameType.resumed:
      return head + readU32(octets, head - 4) * fieldLengths.streamState;
    default:
      return head;
  }
}

/** By type: the octets of the frame as far as its length rests on nothing but the type. */
const headLength: readonly (number | undefined)[] = headLengthsByType();

function headLengthsByType(): readonly (number | undefined)[] {
  const lengths = new Array<number | undefined>(256).fill(undefined);
  const fixed = {
    ...{ start: 10, started: 10, resume: headLengths.resume + 8, resumed: headLengths.resumed + 8, unknown: 1 },
    ...{ ping: 9, pong: 9, "key-update": 1, "go-away": 2, join: 1, connect: headLengths.connect, accept: 13 },
    ...{ data: headLengths.data, credit: 13, ack: 13, fin: 13, reset: 6, gone: 5, datagram: headLengths.datagram },
  } satisfies Readonly<Record<Frame["type"], number>>;
  for (const type of Object.keys(fixed) as Frame["type"][]) lengths[frameType[type]] = fixed[type];
  return lengths;
}

/** Of the octets from `at` to `end`, as many as the frame has; undefined where a field is out of its bounds. */
function decodeFrame(octets: Uint8Array, at: number, end: number): Frame | undefined {
  const type = octets[at] ?? 0;
  if (type >= frameType.connect && type <= frameType.gone) return decodeStreamFrame(octets, at, end);
  switch (type) {
    case frameType.start:
    case frameType.started:
      return decodeSettings(octets, at, type === frameType.start ? "start" : "started");
    case frameType.resume: {
      const state = decodeState(octets, at + headLengths.resume);
      const attempt = readU32(octets, at + 1);
      const [session, proof] = [octets.subarray(at + 5, at + 21), octets.subarray(at + 21, at + 69)];
      return state && { type: "resume", attempt, session, proof, state };
    }
    case frameType.resumed: {
      const state = decodeState(octets, at + headLengths.resumed);
      return state && { type: "resumed", proof: octets.subarray(at + 1, at + 49), state };
    }
    case frameType.unknown:
      return { type: "unknown" };
    case frameType.ping:
      return { type: "ping", token: octets.subarray(at + 1, end) };
    case frameType.pong:
      return { type: "pong", token: octets.subarray(at + 1, end) };
    case frameType["key-update"]:
      return { type: "key-update" };
    case frameType["go-away"]: {
      const reason = goAwayReason(octets[at + 1]);
      return reason && { type: "go-away", reason };
    }
    case frameType.join:
      return { type: "join" };
    case frameType.datagram:
      return { type: "datagram", octets: octets.subarray(at + headLengths.datagram, end) };
    default:
      return undefined;
  }
}

function decodeStreamFrame(octets: Uint8Array, at: number, end: number): Frame | undefined {
  const stream = readU32(octets, at + 1) as StreamId;
  if (stream === 0) return undefined;
  const type = octets[at];
  if (type === frameType.gone) return { type: "gone", stream };
  if (type === frameType.reset) {
    const reason = resetReason(octets[at + 5] ?? 0);
    return reason && { type: "reset", stream, reason };
  }
  const offset = readU64(octets, at + 5);
  if (offset === undefined) return undefined;
  switch (type) {
    case frameType.data: {
      const length = end - at - headLengths.data;
      if (length === 0 || offset + length > Number.MAX_SAFE_INTEGER) return undefined;
      return { type: "data", stream, offset, octets: octets.subarray(at + headLengths.data, end) };
    }
    case frameType.connect:
      return { type: "connect", stream, limit: offset, request: octets.subarray(at + headLengths.connect, end) };
    case frameType.accept:
      return { type: "accept", stream, limit: offset };
    case frameType.credit:
      return { type: "credit", stream, limit: offset };
    case frameType.ack:
      return { type: "ack", stream, received: offset };
    case frameType.fin:
      return offset < Number.MAX_SAFE_INTEGER ? { type: "fin", stream, offset } : undefined;
    default:
      return undefined;
  }
}

function decodeSettings(octets: Uint8Array, at: number, type: "start" | "started"): Frame {
  const settings = {
    version: octets[at + 1] ?? 0,
    initialCredit: readU32(octets, at + 2),
    mostStreams: readU32(octets, at + 6),
  };
  return { type, settings };
}

/** Each stream once: numbers come in ascending order. */
function decodeState(octets: Uint8Array, at: number): ResumeState | undefined {
  const streams: StreamState[] = [];
  let last = 0;
  for (let left = readU32(octets, at + 4), place = at + 8; left > 0; left -= 1, place += fieldLengths.streamState) {
    const stream = readU32(octets, place) as StreamId;
    const received = readU64(octets, place + 4);
    const limit = readU64(octets, place + 12);
    if (stream <= last || received === undefined || limit === undefined) return undefined;
    streams.push({ stream, received, limit });
    last = stream;
  }
  return { highest: readU32(octets, at), streams };
}

function goAwayReason(code: number | undefined): GoAwayReason | undefined {
  if (code === goAwayReasons.stopping) return "stopping";
  return code === goAwayReasons.over ? "over" : undefined;
}
