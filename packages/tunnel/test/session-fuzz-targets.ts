/** A session as a peer could torment it: whatever frames come, in whichever state, it answers or is broken, and its books are right. */
import { joined } from "@ropewalk/kernel/bytes";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { Session, type SessionConfig, type StreamFrame } from "@ropewalk/tunnel/pure/session/session";
import type { SessionOutput } from "@ropewalk/tunnel/pure/session/session-output";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { dataHeader, encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { type Frame, type StreamId, streamId } from "@ropewalk/tunnel/pure/wire/frame";

const config: SessionConfig = { credit: 65_536, mostStreams: 8, largestWindow: 16_384 };
const request = new Uint8Array([1, 2, 3]);
const own = [1, 3, 5, 7].map(streamId);
const peers = [2, 4, 6, 8].map(streamId);
const start = millis(1000);

/** A source with streams of either end in every state that there is. */
function livingSession(): Session {
  const session = new Session("source", config);
  session.begin({ version: 1, initialCredit: 4096, mostStreams: 8 });
  for (const _ of own) session.open(start, request);
  for (const stream of peers) session.receive(start, { type: "connect", stream, limit: 4096, request });
  const [opened = own[0], halfClosed, reset, last] = own;
  for (const id of [opened, halfClosed, peers[0]])
    if (id !== undefined) {
      session.accept(id);
      session.write(id, new Uint8Array(1000));
    }
  if (halfClosed !== undefined) session.finish(halfClosed);
  session.take(start, 65_536);
  if (opened !== undefined) session.receive(start, { type: "accept", stream: opened, limit: 8192 });
  if (reset !== undefined) session.write(reset, new Uint8Array(1000));
  session.take(start, 65_536);
  // Of the one nothing is sent, of the other all.
  if (last !== undefined) session.write(last, new Uint8Array(1000));
  for (const id of [reset, last]) if (id !== undefined) session.reset(id, "aborted");
  return session;
}

/** What the applications do with what they are told; as little as makes a session go on. */
function perform(session: Session, now: Millis, outputs: readonly SessionOutput[]): "on" | "broken" {
  for (const output of outputs) {
    if (output.kind === "broken") return "broken";
    if (output.kind === "asked" && output.stream % 4 === 0) session.accept(output.stream);
    if (output.kind === "ended") session.finish(output.stream);
    if (output.kind === "room")
      session.write(output.stream, new Uint8Array(Math.min(100, session.room(output.stream))));
    if (output.kind === "deliver" && output.octets.length % 2 === 1)
      if (perform(session, now, session.taken(now, output.stream, output.octets.length)) === "broken") return "broken";
  }
  return "on";
}

function torment(session: Session, frames: readonly Frame[]): void {
  let now = start;
  for (const frame of frames) {
    now = millis(now + 10);
    const outputs =
      frame.type === "resume" || frame.type === "resumed"
        ? session.resume(frame.state)
        : session.receive(now, frame as StreamFrame);
    const how = perform(session, now, outputs);
    checkBooks(session);
    if (how === "broken") break;
    if (frame.type !== "ack") session.take(now, 4096);
  }
  session.end("broken");
  if (session.promised !== 0 || session.kept !== 0 || session.isExpecting) throw new Error("something is left of it");
}

function checkBooks({ streams, promised, kept }: Session): void {
  const [windows, octets] = [...streams.values()].reduce(
    ([window, sum], { receive, send }) => [window + receive.window, sum + send.kept],
    [0, 0],
  );
  if (streams.size > config.mostStreams) throw new Error(`it has ${streams.size} streams`);
  if (windows !== promised || promised > config.credit)
    throw new Error(`${promised} are promised, ${windows} set aside`);
  if (octets !== kept || kept > config.credit + config.mostStreams) throw new Error(`${kept} of ${octets} are kept`);
}

function data(stream: StreamId, offset: number, length: number): Uint8Array {
  return joined(dataHeader(stream, offset, length), new Uint8Array(length));
}

const seeds: readonly Uint8Array[] = [
  joined(
    ...own.map((stream) => encodeFrame({ type: "accept", stream, limit: 9000 })),
    ...own.map((stream) => data(stream, 0, 9)),
    ...own.map((stream) => encodeFrame({ type: "ack", stream, received: 1000 })),
    ...own.map((stream) => encodeFrame({ type: "fin", stream, offset: 9 })),
    ...own.map((stream) => encodeFrame({ type: "ack", stream, received: 1001 })),
  ),
  joined(
    ...peers.map((stream) => data(stream, 0, 9)),
    ...peers.map((stream) => encodeFrame({ type: "reset", stream, reason: "aborted" })),
    ...[10, 12, 14].map((id) => encodeFrame({ type: "connect", stream: streamId(id), limit: 100, request })),
    ...[...own, ...peers].map((stream) => encodeFrame({ type: "gone", stream })),
  ),
  joined(
    encodeFrame({
      ...{ type: "resumed", proof: new Uint8Array(48) },
      state: { highest: 7, streams: [1, 2, 3, 4].map((id) => ({ stream: streamId(id), received: 500, limit: 9000 })) },
    }),
    data(streamId(2), 0, 21),
    encodeFrame({ type: "credit", stream: streamId(2), limit: Number.MAX_SAFE_INTEGER }),
    encodeFrame({ type: "go-away", reason: "stopping" }),
  ),
];

export const fuzzTargets: readonly {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}[] = [
  {
    name: "tunnel session",
    run(bytes) {
      const frames = decodeFrames(bytes);
      if (frames !== "malformed") torment(livingSession(), frames);
    },
    seeds,
  },
  {
    // Octets that are no frames tell little: each three of them are a frame of some kind, for some stream, with some number.
    name: "tunnel session, frame by frame",
    run: (bytes) => torment(livingSession(), framesOf(bytes)),
  },
];

function framesOf(bytes: Uint8Array): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + 2 < bytes.length; at += 3) {
    const [kind = 0, which = 0, size = 0] = bytes.subarray(at, at + 3);
    frames.push(frameOf(kind % 11, streamId(1 + (which % 12)), numbers[size % numbers.length] ?? size));
  }
  return frames;
}

const numbers = [0, 1, 2, 9, 10, 100, 1000, 1001, 4096, 8192, 16_384, 65_536, 2 ** 40, Number.MAX_SAFE_INTEGER - 200];

function frameOf(kind: number, stream: StreamId, number: number): Frame {
  switch (kind) {
    case 0:
      return { type: "connect", stream, limit: number, request };
    case 1:
      return { type: "accept", stream, limit: number };
    case 2:
    case 3:
      return { type: "data", stream, offset: number, octets: new Uint8Array(1 + (stream % 3)) };
    case 4:
      return { type: "data", stream, offset: 0, octets: new Uint8Array(1 + (number % 5000)) };
    case 5:
      return { type: "credit", stream, limit: number };
    case 6:
      return { type: "ack", stream, received: number };
    case 7:
      return { type: "fin", stream, offset: number };
    case 8:
      return { type: "reset", stream, reason: "aborted" };
    case 9:
      return { type: "gone", stream };
    default: {
      const streams = number % 2 === 0 ? [] : [{ stream, received: number % 1002, limit: number }];
      return { type: "resumed", proof: new Uint8Array(48), state: { highest: number % 8, streams } };
    }
  }
}
