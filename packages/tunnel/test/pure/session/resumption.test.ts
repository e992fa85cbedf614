import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import { Session, type SessionConfig } from "@ropewalk/tunnel/pure/session/session";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { type Frame, type ResumeState, type StreamId, streamId } from "@ropewalk/tunnel/pure/wire/frame";
import {
  answer,
  ask,
  conclude,
  createPair,
  deliver,
  dropOld,
  finish,
  open,
  opened,
  type Pair,
  reset,
  resume,
  settle,
  sideOf,
  smallConfig,
  takeIn,
  transmit,
  write,
} from "./two-sessions.ts";

const now = millis(1000);
const request = Uint8Array.of(1, 2, 3);
const [one, two, three] = [1, 2, 3].map(streamId) as [StreamId, StreamId, StreamId];
const nothing: ResumeState = { highest: 0, streams: [] };

function session(role: Role = "source", config: SessionConfig = smallConfig): Session {
  const made = new Session(role, config);
  made.begin({ ...made.settings, initialCredit: 100_000 });
  return made;
}

function said(from: Session, at = now): readonly Frame[] {
  const parts: Uint8Array[] = [];
  for (let draft = from.take(at, 65_536); draft !== undefined; draft = from.take(at, 65_536))
    parts.push(...draft.parts);
  const frames = parts.length === 0 ? [] : decodeFrames(joined(...parts));
  return frames === "malformed" ? assert.fail(frames) : frames;
}

/** A record of each end, until none is left to read or to send. */
function moveAll(pair: Pair): void {
  for (let isMoving = true; isMoving; )
    isMoving = [pair.source, pair.destination]
      .flatMap((end) => [transmit(pair, end), deliver(pair, end)])
      .includes(true);
}

/** Streams live at both ends, and go on. */
function checkLives(pair: Pair, ...streams: readonly StreamId[]): void {
  for (const stream of streams)
    for (const [end, other] of [
      [pair.source, pair.destination],
      [pair.destination, pair.source],
    ] as const) {
      for (let count = 0; count < 4; count += 1) {
        assert.ok(write(end, stream, 40_000) > 0, `${end.role} has no room`);
        settle(pair);
      }
      assert.equal(sideOf(other, stream).got, sideOf(end, stream).written);
    }
}

test("a source asks again and again, and nothing is lost with the answers that it does not get", () => {
  const pair = createPair();
  const streams = [opened(pair), opened(pair, pair.destination)];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    for (const stream of streams) for (const end of [pair.source, pair.destination]) write(end, stream, 3000);
    ask(pair);
    transmit(pair, pair.source);
    deliver(pair, pair.source);
    answer(pair);
    // It says this on a lane that the source never hears of.
    transmit(pair, pair.destination);
  }
  settle(pair);
  checkLives(pair, ...streams);
});

test("a stream that is opened while the destination has not answered yet is no stream that the source has forgotten", () => {
  const pair = createPair();
  ask(pair);
  const stream = open(pair, pair.source) ?? assert.fail();
  moveAll(pair);
  pair.destination.session.accept(stream);
  answer(pair);
  conclude(pair);
  settle(pair);
  checkLives(pair, stream);
});

test("a stream of the destination's that was accepted while it had not answered yet goes on", () => {
  const pair = createPair();
  ask(pair);
  const stream = open(pair, pair.destination) ?? assert.fail();
  moveAll(pair);
  pair.source.session.accept(stream);
  moveAll(pair);
  write(pair.destination, stream, 5000);
  transmit(pair, pair.destination);
  answer(pair);
  conclude(pair);
  dropOld(pair);
  settle(pair);
  checkLives(pair, stream);
});

test("a stream that is reset before its peer has heard of it does not stay there", () => {
  const pair = createPair();
  const stream = open(pair, pair.source) ?? assert.fail();
  transmit(pair, pair.source);
  ask(pair);
  answer(pair);
  reset(pair.source, stream);
  conclude(pair);
  // What was said on the lane before comes late.
  deliver(pair, pair.source);
  settle(pair);
  assert.equal(pair.destination.session.streams.size, 0);
  assert.equal(pair.source.session.streams.size, 0);
});

test("credit that was given since the source said what it has is given again", () => {
  const pair = createPair();
  const stream = opened(pair);
  const full = write(pair.destination, stream, 1_000_000);
  moveAll(pair);
  ask(pair);
  takeIn(pair, pair.source, stream, full);
  transmit(pair, pair.source);
  answer(pair);
  conclude(pair);
  dropOld(pair);
  settle(pair);
  checkLives(pair, stream);
});

test("of a stream that lives, what the peer does not have is sent again, and nothing else", () => {
  const made = session();
  made.open(now, request);
  made.write(one, new Uint8Array(10));
  made.finish(one);
  said(made);
  assert.equal(made.sentBeyond({ highest: one, streams: [{ stream: one, received: 4, limit: 100_000 }] }), 6);
  made.resume({ highest: one, streams: [{ stream: one, received: 4, limit: 100_000 }] });
  const frames = said(made).filter(({ type }) => type !== "credit");
  assert.deepEqual(frames, [
    { type: "data", stream: one, offset: 4, octets: new Uint8Array(6) },
    { type: "fin", stream: one, offset: 10 },
  ]);
});

test("a stream that the peer has not heard of is asked for again, with all that was written", () => {
  const made = session();
  made.open(now, request);
  made.write(one, Uint8Array.of(7));
  said(made);
  assert.deepEqual(made.resume(nothing), [{ kind: "room", stream: one }]);
  assert.deepEqual(said(made), [
    { type: "connect", stream: one, limit: 40_960, request },
    { type: "data", stream: one, offset: 0, octets: Uint8Array.of(7) },
  ]);
});

test("a stream that the peer should have and has not is over", () => {
  const made = session();
  for (const stream of [one, three]) assert.equal(made.open(now, request), stream);
  made.receive(now, { type: "connect", stream: two, limit: 1, request });
  const outputs = made.resume({ highest: three, streams: [] });
  assert.deepEqual(
    outputs.map((output) => output.kind === "reset" && [output.stream, output.reason]),
    [one, three, two].map((stream) => [stream, "aborted"]),
  );
  assert.equal(made.promised, 0);
});

test("a destination keeps the source's streams that were not listed, and lists them", () => {
  const made = session("destination");
  made.receive(now, { type: "connect", stream: one, limit: 1, request });
  assert.deepEqual(made.resume(nothing), [{ kind: "room", stream: one }]);
  assert.deepEqual(
    made.state().streams.map(({ stream }) => stream),
    [one],
  );
});

test("the peer is told of streams that it lists and this end has not any more", () => {
  const made = session();
  made.receive(now, { type: "connect", stream: two, limit: 1, request });
  made.receive(now, { type: "reset", stream: two, reason: "aborted" });
  said(made);
  made.resume({ highest: 0, streams: [{ stream: two, received: 0, limit: 0 }] });
  assert.deepEqual(said(made), [{ type: "gone", stream: two }]);
});

test("a stream that closes as the new lane comes has its end acknowledged, though it was on the lane before", () => {
  const made = session();
  made.open(now, request);
  made.receive(now, { type: "accept", stream: one, limit: 100 });
  made.receive(now, { type: "fin", stream: one, offset: 0 });
  made.finish(one);
  said(made, millis(now + 1000));
  const outputs = made.resume({ highest: one, streams: [{ stream: one, received: 1, limit: 100 }] });
  assert.deepEqual(outputs.at(-1), { kind: "closed", stream: one });
  assert.ok(said(made).some((frame) => frame.type === "ack" && frame.received === 1));
});

test("a peer that says to have what cannot be is broken", () => {
  const states: readonly (readonly [string, ResumeState])[] = [
    ["octets that were never sent", { highest: one, streams: [{ stream: one, received: 1, limit: 100 }] }],
    ["a stream of ours that was never opened", { highest: one, streams: [{ stream: three, received: 0, limit: 100 }] }],
    ["a highest that was never opened", { highest: three, streams: [] }],
  ];
  for (const [what, state] of states) {
    const made = session();
    made.open(now, request);
    assert.ok(
      made.resume(state).some(({ kind }) => kind === "broken"),
      what,
    );
  }
});

test("go-away is said again on a new lane, for the same reason", () => {
  for (const reason of ["stopping", "over"] as const) {
    const made = session();
    made.goAway(reason);
    said(made);
    made.resume(nothing);
    assert.deepEqual(said(made), [{ type: "go-away", reason }]);
  }
});

test("streams that waited for room are told of what the peer turns out to have", () => {
  const made = session("source", { credit: 100_000, mostStreams: 4, largestWindow: 100_000 });
  for (const stream of [one, three]) assert.equal(made.open(now, request), stream);
  made.write(one, new Uint8Array(100_000));
  said(made);
  assert.equal(made.room(three), 0);
  const streams = [one, three].map((stream) => ({ stream, received: stream === one ? 50_000 : 0, limit: 100_000 }));
  made.resume({ highest: three, streams });
  assert.equal(made.room(three), 50_000);
});

test("an end that was lost with its lane comes again, and so does half a stream", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 2000);
  finish(pair.source, stream);
  transmit(pair, pair.source);
  resume(pair);
  settle(pair);
  assert.ok(sideOf(pair.destination, stream).isEnded);
  write(pair.destination, stream, 2000);
  finish(pair.destination, stream);
  transmit(pair, pair.destination);
  resume(pair);
  settle(pair);
  for (const end of [pair.source, pair.destination]) {
    assert.equal(sideOf(end, stream).over, "closed");
    assert.equal(sideOf(end, stream).got, 2000);
  }
});
