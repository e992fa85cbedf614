/**
 * Two sessions and the lanes between them, without keys, sockets or time of their own: records lie in queues until they are moved on, and
 * several lanes may live at a time, as while one is replaced. Copies of what may be copied lie beside them, and come in any order, at any
 * time, more often than once or not at all. An application at each end writes what a stream's number and direction
 * determine, and checks what comes.
 */
import assert from "node:assert/strict";
import { joined } from "@ropewalk/kernel/bytes";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import type { CopiedFrame } from "@ropewalk/tunnel/pure/session/incoming";
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
  /** `here`: reset by this application; another word is the reason that it was told. */
  over: "no" | "closed" | "here" | (string & {});
  isAccepted: boolean;
  /** Octets that were delivered and not taken yet. */
  waiting: number;
}

/** By who sends: what was sent and not read. */
export type Lane = Readonly<Record<Role, Uint8Array[]>>;

export interface End {
  readonly role: Role;
  readonly config: SessionConfig;
  readonly session: Session;
  readonly sides: Map<StreamId, Side>;
  /** What it sends on. */
  lane: Lane | undefined;
}

export interface Pair {
  readonly source: End;
  readonly destination: End;
  /** Those that are read, the oldest first. */
  lanes: Lane[];
  /** A lane that the source has asked for, and what it and the destination said on it. */
  next: { readonly lane: Lane; readonly asked: ResumeState; answered: ResumeState | undefined } | undefined;
  /** By who sent them: copies, for the express lane. */
  readonly copies: Readonly<Record<Role, Uint8Array[]>>;
  now: Millis;
}

export function createPair(ofSource: SessionConfig = smallConfig, ofDestination = ofSource): Pair {
  const lane: Lane = { source: [], destination: [] };
  const end = (role: Role, config: SessionConfig): End => ({
    ...{ role, config, session: new Session(role, config), sides: new Map(), lane },
  });
  const [source, destination] = [end("source", ofSource), end("destination", ofDestination)];
  source.session.begin(destination.session.settings);
  destination.session.begin(source.session.settings);
  return {
    source,
    destination,
    lanes: [lane],
    next: undefined,
    copies: { source: [], destination: [] },
    now: millis(1000),
  };
}

export function peerOf(pair: Pair, end: End): End {
  return end === pair.source ? pair.destination : pair.source;
}

const period = 131_072;
/** Noise, the same always; twice, so that whatever is shorter than a period lies in it in one piece. */
const noise = noiseOf(2 * period);

function noiseOf(length: number): Uint8Array {
  const octets = new Uint8Array(length);
  let state = 1;
  for (let at = 0; at < period; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    octets[at] = octets[at + period] = state;
  }
  return octets;
}

/** The `length` octets from `offset` of what `role` sends on a stream: less than a period. */
function octetsAt(stream: StreamId, role: Role, offset: number, length: number): Uint8Array {
  const at = (offset + stream * 977 + (role === "source" ? 0 : 7919)) % period;
  return noise.subarray(at, at + length);
}

/** As much of `length` as there is room for. */
export function write(end: End, stream: StreamId, length: number): number {
  const side = sideOf(end, stream);
  const count = Math.min(length, end.session.room(stream));
  end.session.write(stream, octetsAt(stream, end.role, side.written, count).slice());
  side.written += count;
  return count;
}

export function finish(end: End, stream: StreamId): void {
  end.session.finish(stream);
  sideOf(end, stream).isFinished = true;
}

export function reset(end: End, stream: StreamId): void {
  end.session.reset(stream, "aborted");
  const side = sideOf(end, stream);
  side.over = "here";
  side.waiting = 0;
}

export function sideOf(end: End, stream: StreamId): Side {
  return end.sides.get(stream) ?? assert.fail(`${end.role} has no stream ${stream}`);
}

export function open(pair: Pair, end: End, request = new Uint8Array([1, 2, 3])): StreamId | undefined {
  const stream = end.session.open(pair.now, request);
  if (stream !== undefined) end.sides.set(stream, freshSide());
  return stream;
}

/** One that both ends have. */
export function opened(pair: Pair, end: End = pair.source): StreamId {
  const stream = open(pair, end) ?? assert.fail("no stream");
  settle(pair);
  peerOf(pair, end).session.accept(stream);
  settle(pair);
  return stream;
}

function freshSide(): Side {
  return { written: 0, isFinished: false, got: 0, isEnded: false, over: "no", isAccepted: false, waiting: 0 };
}

/** `end` puts a record on its lane, if it has one, and anything to say. */
export function transmit(pair: Pair, end: End, most = 16_384): boolean {
  if (end.lane === undefined) return false;
  const draft = end.session.take(pair.now, most);
  if (draft === undefined) return false;
  end.lane[end.role].push(joined(...draft.parts));
  if (draft.copiedLength > 0) pair.copies[end.role].push(joined(...draft.copied().parts));
  return true;
}

/** `end` copies ahead what it has not sent. */
export function copyAhead(pair: Pair, end: End): void {
  const draft = end.session.takeAhead();
  if (draft !== undefined) pair.copies[end.role].push(joined(...draft.parts));
}

/** The peer of `end` reads a copy of what it sent, the `back`th before the latest, which may come `again`. */
export function deliverCopy(pair: Pair, end: End, back = 0, again = false): void {
  const copies = pair.copies[end.role];
  const at = copies.length - 1 - (back % Math.max(1, copies.length));
  const record = again ? copies[at] : copies.splice(at, 1)[0];
  if (record === undefined) return;
  const frames = decodeFrames(record);
  if (frames === "malformed") assert.fail("a malformed copy");
  const peer = peerOf(pair, end);
  for (const frame of frames) perform(peer, peer.session.receiveCopy(pair.now, frame as CopiedFrame));
}

/** The peer of `end` reads one record of its, of whichever lane has the `pick`th. */
export function deliver(pair: Pair, end: End, pick = 0): boolean {
  // The answer is the first that the source reads of a new lane.
  const unread = end === pair.destination ? pair.next?.lane : undefined;
  const lanes = pair.lanes.filter((lane) => lane !== unread && lane[end.role].length > 0);
  const record = lanes[pick % Math.max(1, lanes.length)]?.[end.role].shift();
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

/** The lane that carries the session is lost with whatever was on it, and so are those before it. */
export function cut(pair: Pair): void {
  pair.lanes = [];
  pair.source.lane = undefined;
  if (pair.next?.answered === undefined) pair.destination.lane = undefined;
  else pair.lanes = [pair.next.lane];
}

/** What is left on lanes that no end sends on any more does not come. */
export function dropOld(pair: Pair): void {
  pair.lanes = pair.lanes.filter((lane) => lane === pair.source.lane || lane === pair.destination.lane);
}

/** The source asks for the session on a new lane. If it had asked before, that lane is lost, answered or not. */
export function ask(pair: Pair): void {
  loseNext(pair);
  pair.next = {
    lane: { source: [], destination: [] },
    asked: overTheWire(pair.source.session.state()),
    answered: undefined,
  };
}

function loseNext(pair: Pair): void {
  const lost = pair.next?.lane;
  pair.lanes = pair.lanes.filter((lane) => lane !== lost);
  if (pair.destination.lane === lost) pair.destination.lane = undefined;
  pair.next = undefined;
}

/** The destination goes over to the new lane; what comes on those before it is still read. */
export function answer(pair: Pair): void {
  const { next, destination } = pair;
  if (next === undefined || next.answered !== undefined) return;
  perform(destination, destination.session.resume(next.asked));
  next.answered = overTheWire(destination.session.state());
  destination.lane = next.lane;
  pair.lanes.push(next.lane);
}

/** The source hears the answer, and goes over, too. What it has not read of the lanes before is still read. */
export function conclude(pair: Pair): void {
  const { next, source } = pair;
  if (next?.answered === undefined) return;
  perform(source, source.session.resume(next.answered));
  source.lane = next.lane;
  pair.next = undefined;
}

/** The lane is lost with whatever was on it, and another takes its place. */
export function resume(pair: Pair): void {
  cut(pair);
  ask(pair);
  answer(pair);
  conclude(pair);
}

/** Both ends have one lane, and everything on it and before it has come, and was taken. */
export function settle(pair: Pair): void {
  if (pair.source.lane === undefined || pair.source.lane !== pair.destination.lane) {
    ask(pair);
    answer(pair);
    conclude(pair);
  }
  for (let round = 0; round < 100_000; round += 1) {
    const moved = [pair.source, pair.destination].map((end) => {
      for (const [stream, { waiting }] of end.sides) if (waiting > 0) takeIn(pair, end, stream, waiting);
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
}

type OfStream = Exclude<SessionOutput, { readonly kind: "broken" | "going-away" | "asked" }>;

function note(end: End, side: Side, output: OfStream): void {
  assert.equal(side.over, "no", `${output.kind} is told of stream ${output.stream}, which is over`);
  switch (output.kind) {
    case "deliver": {
      assert.ok(!side.isEnded, "octets come behind the end");
      const sender = end.role === "source" ? "destination" : "source";
      const { length } = output.octets;
      if (Buffer.compare(output.octets, octetsAt(output.stream, sender, side.got, length)) !== 0)
        assert.fail(`stream ${output.stream} has other octets from ${side.got} on`);
      side.got += length;
      side.waiting += length;
      return;
    }
    case "ended":
      assert.ok(!side.isEnded, "a stream ends twice");
      side.isEnded = true;
      return;
    case "accepted":
      assert.ok(!side.isAccepted, "a stream is accepted twice");
      side.isAccepted = true;
      return;
    case "closed":
      assert.ok(side.isEnded && side.isFinished, "a stream is closed before both its ends");
      assert.equal(side.waiting, 0, "a stream is closed before all was taken");
      side.over = "closed";
      return;
    case "reset":
      side.over = output.reason;
      side.waiting = 0;
      return;
    case "room":
      return;
  }
}
