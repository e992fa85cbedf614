/**
 * Two sessions and the lanes between them, without keys, sockets or time of their own: records lie in two queues until they are moved on.
 * An application at each end writes what a stream's number and direction determine, and checks what comes.
 */
import assert from "node:assert/strict";
import { joined } from "@ropewalk/kernel/bytes";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import { Session, type SessionConfig, type StreamFrame } from "@ropewalk/tunnel/pure/session/session";
import type { SessionOutput } from "@ropewalk/tunnel/pure/session/session-output";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import type { Frame, ResumeState, StreamId } from "@ropewalk/tunnel/pure/wire/frame";

export const smallConfig: SessionConfig = { credit: 262_144, mostStreams: 16, largestWindow: 65_536 };

/** What an application has written and got of one stream. */
export interface Side {
  written: number;
  isFinished: boolean;
  got: number;
  isEnded: boolean;
  over: "no" | "closed" | string;
  isAccepted: boolean;
  /** Octets that were delivered and not taken yet. */
  waiting: number;
}

export interface End {
  readonly role: Role;
  readonly session: Session;
  readonly sides: Map<StreamId, Side>;
  /** What it has sent on the lane and the peer has not read. */
  lane: Uint8Array[];
  /** The most that was ever delivered and not taken. */
  mostWaiting: number;
}

export interface Pair {
  readonly source: End;
  readonly destination: End;
  now: Millis;
}

export function createPair(config: SessionConfig = smallConfig): Pair {
  const end = (role: Role): End => ({
    ...{ role, session: new Session(role, config), sides: new Map(), lane: [], mostWaiting: 0 },
  });
  const pair: Pair = { source: end("source"), destination: end("destination"), now: millis(1000) };
  pair.source.session.begin(pair.destination.session.settings);
  pair.destination.session.begin(pair.source.session.settings);
  return pair;
}

export function peerOf(pair: Pair, end: End): End {
  return end === pair.source ? pair.destination : pair.source;
}

/** The octet at `offset` of what `role` sends on a stream. */
function octetAt(stream: StreamId, role: Role, offset: number): number {
  return (stream * 31 + (role === "source" ? 7 : 101) + offset * 17 + (offset >> 8) * 13 + (offset >> 16)) & 0xff;
}

export function write(end: End, stream: StreamId, length: number): void {
  const side = sideOf(end, stream);
  const count = Math.min(length, end.session.room(stream));
  const from = side.written;
  end.session.write(
    stream,
    Uint8Array.from({ length: count }, (_, index) => octetAt(stream, end.role, from + index)),
  );
  side.written += count;
}

export function sideOf(end: End, stream: StreamId): Side {
  return end.sides.get(stream) ?? assert.fail(`${end.role} has no stream ${stream}`);
}

export function open(pair: Pair, end: End): StreamId | undefined {
  const stream = end.session.open(pair.now, new Uint8Array([1, 2, 3]));
  if (stream !== undefined) end.sides.set(stream, freshSide());
  return stream;
}

function freshSide(): Side {
  return { written: 0, isFinished: false, got: 0, isEnded: false, over: "no", isAccepted: false, waiting: 0 };
}

/** `end` puts a record on the lane, if it has anything to say. */
export function transmit(pair: Pair, end: End, most = 16_384): boolean {
  const draft = end.session.take(pair.now, most);
  if (draft === undefined) return false;
  end.lane.push(joined(...draft.parts));
  return true;
}

/** The peer of `end` reads one record. */
export function deliver(pair: Pair, end: End): boolean {
  const record = end.lane.shift();
  if (record === undefined) return false;
  const frames = decodeFrames(record);
  if (frames === "malformed") assert.fail("a malformed record");
  const peer = peerOf(pair, end);
  for (const frame of frames) perform(peer, peer.session.receive(pair.now, frame as StreamFrame));
  return true;
}

/** The application of `end` takes up to `most` octets of a stream. */
export function takeIn(pair: Pair, end: End, stream: StreamId, most: number): void {
  const side = sideOf(end, stream);
  const count = Math.min(most, side.waiting);
  if (count === 0) return;
  side.waiting -= count;
  perform(end, end.session.taken(pair.now, stream, count));
}

/** The lane is lost with whatever was on it, and another takes its place. */
export function resume({ source, destination }: Pair): void {
  source.lane = [];
  destination.lane = [];
  const fromSource = overTheWire(source.session.state());
  const fromDestination = overTheWire(destination.session.state());
  perform(destination, destination.session.resume(fromSource));
  perform(source, source.session.resume(fromDestination));
}

/**
 * As over a lane that lives: the destination goes over to the new one as soon as it hears of it, while what the source has said on the
 * old one, before it is answered, still comes.
 */
export function refresh(pair: Pair, meanwhile: () => void): void {
  const { source, destination } = pair;
  const fromSource = overTheWire(source.session.state());
  meanwhile();
  const onOldLane = destination.lane;
  destination.lane = [];
  perform(destination, destination.session.resume(fromSource));
  const fromDestination = overTheWire(destination.session.state());
  const answers = destination.lane;
  destination.lane = onOldLane;
  while (deliver(pair, destination) || deliver(pair, source));
  destination.lane = answers;
  source.lane = [];
  perform(source, source.session.resume(fromDestination));
}

/** Moves everything that there is, and takes in all that comes, until nothing is left to say. */
export function settle(pair: Pair): void {
  for (let round = 0; round < 100_000; round += 1) {
    const moved = [pair.source, pair.destination].map((end) => {
      for (const stream of end.sides.keys()) takeIn(pair, end, stream, Number.POSITIVE_INFINITY);
      return [transmit(pair, end), deliver(pair, end)].includes(true);
    });
    if (moved.includes(true)) continue;
    const deadlines = [pair.source, pair.destination].map(({ session }) => session.deadline() ?? Infinity);
    const next = Math.min(...deadlines);
    if (next === Infinity) return;
    pair.now = millis(Math.max(pair.now, next));
  }
  assert.fail("two sessions never come to rest");
}

function overTheWire(state: ResumeState): ResumeState {
  const frames = decodeFrames(encodeFrame({ type: "resumed", proof: new Uint8Array(48), state }));
  const [frame] = frames as readonly Frame[];
  return frame?.type === "resumed" ? frame.state : assert.fail("no state");
}

function perform(end: End, outputs: readonly SessionOutput[]): void {
  for (const output of outputs) {
    if (output.kind === "broken") assert.fail(`${end.role}: ${output.why}`);
    if (output.kind === "going-away") continue;
    if (output.kind === "asked") {
      assert.ok(!end.sides.has(output.stream), "a stream is asked for twice");
      end.sides.set(output.stream, freshSide());
      continue;
    }
    note(end, sideOf(end, output.stream), output);
  }
  const waiting = [...end.sides.values()].reduce((sum, side) => sum + side.waiting, 0);
  end.mostWaiting = Math.max(end.mostWaiting, waiting);
}

function note(end: End, side: Side, output: SessionOutput & { readonly stream: StreamId }): void {
  assert.equal(side.over, "no", `${output.kind} is told of stream ${output.stream}, which is over`);
  switch (output.kind) {
    case "deliver": {
      assert.ok(!side.isEnded, "octets come behind the end");
      const sender = end.role === "source" ? "destination" : "source";
      for (const octet of output.octets) {
        assert.equal(octet, octetAt(output.stream, sender, side.got), `stream ${output.stream} at ${side.got}`);
        side.got += 1;
      }
      side.waiting += output.octets.length;
      return;
    }
    case "ended":
      side.isEnded = true;
      return;
    case "accepted":
      assert.ok(!side.isAccepted, "a stream is accepted twice");
      side.isAccepted = true;
      return;
    case "closed":
      assert.ok(side.isEnded && side.isFinished, "a stream is closed before both its ends");
      side.over = "closed";
      return;
    case "reset":
      side.over = output.reason;
      side.waiting = 0;
      return;
    case "room":
    case "asked":
      return;
  }
}
