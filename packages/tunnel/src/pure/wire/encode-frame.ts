/**
 * From a frame to its octets. Whoever encodes has kept the bounds: what does not fit its field is a defect of this end.
 *
 *     data    0      1            5            13           17
 *             +------+------------+------------+------------+---------- - -
 *             | 18   | stream (4) | offset (8) | length (4) | octets
 *             +------+------------+------------+------------+---------- - -
 */
import { writeU16, writeU32, writeU64 } from "@ropewalk/kernel/big-endian";
import {
  type DataFrame,
  type Frame,
  fieldLengths,
  frameType,
  goAwayReasons,
  headLengths,
  type ResumeState,
  type Settings,
  type StreamId,
} from "./frame.ts";
import { resetReasons } from "./reset-reason.ts";

/** Octets before those of a data frame. */
export const dataHeaderLength: number = headLengths.data;

/** What goes before the `length` octets of a data frame, one at least, which follow in one or several parts. */
export function dataHeader(stream: StreamId, offset: number, length: number): Uint8Array {
  const header = ofStream("data", stream, dataHeaderLength);
  writeU64(header, 5, offset);
  writeU32(header, 13, length);
  return header;
}

type StreamFrame = Exclude<Extract<Frame, { readonly stream: StreamId }>, DataFrame>;

/** The octets of every frame but data. */
export function encodeFrame(frame: Exclude<Frame, DataFrame>): Uint8Array {
  switch (frame.type) {
    case "start":
    case "started":
      return encodeSettings(frame.type, frame.settings);
    case "resume": {
      const octets = withState(frame.type, headLengths.resume, frame.state);
      writeU32(octets, 1, frame.attempt);
      octets.set(frame.session, 5);
      octets.set(frame.proof, 5 + fieldLengths.session);
      return octets;
    }
    case "resumed": {
      const octets = withState(frame.type, headLengths.resumed, frame.state);
      octets.set(frame.proof, 1);
      return octets;
    }
    case "unknown":
    case "key-update":
    case "join":
      return begun(frame.type, 1);
    case "ping":
    case "pong":
      return ended(frame.type, 1, frame.token);
    case "go-away":
      return Uint8Array.of(frameType[frame.type], goAwayReasons[frame.reason]);
    case "datagram": {
      const octets = ended(frame.type, headLengths.datagram, frame.octets);
      writeU16(octets, 1, frame.octets.length);
      return octets;
    }
    case "connect":
    case "accept":
    case "credit":
    case "ack":
    case "fin":
    case "reset":
    case "gone":
      return encodeStreamFrame(frame);
  }
}

function encodeStreamFrame(frame: StreamFrame): Uint8Array {
  switch (frame.type) {
    case "connect": {
      const octets = ofStream(frame.type, frame.stream, headLengths.connect + frame.request.length);
      writeU64(octets, 5, frame.limit);
      writeU16(octets, 13, frame.request.length);
      octets.set(frame.request, headLengths.connect);
      return octets;
    }
    case "accept":
    case "credit":
      return withOffset(frame, frame.limit);
    case "ack":
      return withOffset(frame, frame.received);
    case "fin":
      return withOffset(frame, frame.offset);
    case "reset": {
      const octets = ofStream(frame.type, frame.stream, 6);
      octets[5] = resetReasons[frame.reason];
      return octets;
    }
    case "gone":
      return ofStream(frame.type, frame.stream, 5);
  }
}

function encodeSettings(type: "start" | "started", { version, initialCredit, mostStreams }: Settings): Uint8Array {
  const octets = begun(type, 10);
  octets[1] = version;
  writeU32(octets, 2, initialCredit);
  writeU32(octets, 6, mostStreams);
  return octets;
}

function begun(type: Frame["type"], length: number): Uint8Array {
  const octets = new Uint8Array(length);
  octets[0] = frameType[type];
  return octets;
}

/** `last` from `at` to the end. */
function ended(type: Frame["type"], at: number, last: Uint8Array): Uint8Array {
  const octets = begun(type, at + last.length);
  octets.set(last, at);
  return octets;
}

function ofStream(type: Frame["type"], stream: StreamId, length: number): Uint8Array {
  const octets = begun(type, length);
  writeU32(octets, 1, stream);
  return octets;
}

function withOffset({ type, stream }: StreamFrame, offset: number): Uint8Array {
  const octets = ofStream(type, stream, 13);
  writeU64(octets, 5, offset);
  return octets;
}

/** With the state from `at` to the end, its streams in the order of their numbers. */
function withState(type: "resume" | "resumed", at: number, { highest, streams }: ResumeState): Uint8Array {
  const octets = begun(type, at + 8 + streams.length * fieldLengths.streamState);
  writeU32(octets, at, highest);
  writeU32(octets, at + 4, streams.length);
  let place = at + 8;
  for (const { stream, received, limit } of streams.toSorted((one, other) => one.stream - other.stream)) {
    writeU32(octets, place, stream);
    writeU64(octets, place + 4, received);
    writeU64(octets, place + 12, limit);
    place += fieldLengths.streamState;
  }
  return octets;
}
