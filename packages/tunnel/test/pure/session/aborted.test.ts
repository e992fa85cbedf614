/** A stream whose application resets its connection: what it had written before comes to the other end before the reset, and nothing stays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import { Session, type StreamFrame } from "@ropewalk/tunnel/pure/session/session";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { type Frame, type StreamId, streamId } from "@ropewalk/tunnel/pure/wire/frame";
import {
  copyAhead,
  createPair,
  deliver,
  deliverCopy,
  type End,
  finish,
  open,
  opened,
  type Pair,
  peerOf,
  reset,
  resume,
  settle,
  sideOf,
  smallConfig,
  transmit,
  write,
} from "./two-sessions.ts";

const now = millis(1000);
const request = Uint8Array.of(1, 2, 3);
const [one, three] = [1, 3].map(streamId) as [StreamId, StreamId];
const large = { ...smallConfig, credit: 4_194_304, largestWindow: 1_048_576 };

/** A source whose streams `count` times were accepted. */
function source(count = 1, config = large): Session {
  const session = new Session("source", config);
  session.begin({ ...session.settings, initialCredit: 500_000 });
  for (let opening = 0; opening < count; opening += 1) {
    const stream = session.open(now, request) ?? assert.fail("no stream");
    session.receive(now, { type: "accept", stream, limit: 500_000 });
  }
  said(session);
  return session;
}

/** All that it has to say, in records of `most`. */
function said(session: Session, most = 65_536): readonly Frame[] {
  const parts: Uint8Array[] = [];
  for (let draft = session.take(now, most); draft !== undefined; draft = session.take(now, most))
    parts.push(...draft.parts);
  const frames = parts.length === 0 ? [] : decodeFrames(joined(...parts));
  return frames === "malformed" ? assert.fail(frames) : frames;
}

function types(frames: readonly Frame[], stream: StreamId): readonly string[] {
  return frames.filter((frame) => "stream" in frame && frame.stream === stream).map(({ type }) => type);
}

/** The application of `end` has reset the stream: the other has been told so behind all octets, and nothing is left anywhere. */
function checkAborted(pair: Pair, end: End, stream: StreamId): void {
  const other = sideOf(peerOf(pair, end), stream);
  assert.deepEqual([other.over, other.got], ["aborted", sideOf(end, stream).written]);
  for (const { session } of [pair.source, pair.destination]) {
    assert.deepEqual([session.streams.size, session.kept, session.promised, session.leaving], [0, 0, 0, 0]);
    assert.equal(session.isExpecting, false);
  }
}

for (const role of ["source", "destination"] as const) {
  test(`what was written before an application's reset comes before it, wherever the lane of the ${role} is cut`, () => {
    // Nothing of it on the lane; a part of it; all but the reset; all, of which the first record came.
    for (const records of [0, 1, 2, 3, 4]) {
      const pair = createPair();
      const end = pair[role];
      const stream = opened(pair);
      write(end, stream, 30_000);
      reset(end, stream);
      for (let count = 0; count < records; count += 1) transmit(pair, end, 10_000);
      if (records === 4) deliver(pair, end);
      resume(pair);
      settle(pair);
      checkAborted(pair, end, stream);
    }
  });
}

test("octets that were sent, and reset behind them when the lane was gone, come before it on the next one", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 500);
  transmit(pair, pair.source);
  reset(pair.source, stream);
  assert.equal(pair.source.session.leaving, 1);
  resume(pair);
  settle(pair);
  checkAborted(pair, pair.source, stream);
});

test("the reset is said behind the last octet, in whichever record that is, and the end goes before it, too", () => {
  for (const isFinished of [false, true]) {
    const session = source(2);
    for (const stream of [one, three]) session.write(stream, new Uint8Array(100_000));
    if (isFinished) session.finish(one);
    session.reset(one, "aborted");
    const frames = said(session, 8192);
    const ofOne = types(frames, one);
    assert.ok(ofOne.length > 10, "it goes in many records");
    assert.deepEqual(new Set(ofOne.slice(0, isFinished ? -2 : -1)), new Set(["data"]));
    assert.deepEqual(ofOne.slice(isFinished ? -2 : -1), isFinished ? ["fin", "reset"] : ["reset"]);
    assert.ok(types(frames, three).length > 10, "the other goes on");
  }
});

test("with nothing before it that is not sent, a reset waits for nothing", () => {
  const session = source(2);
  session.write(one, request);
  said(session);
  session.write(three, new Uint8Array(100_000));
  session.reset(one, "aborted");
  const [first] = said(session);
  assert.deepEqual(first, { type: "reset", stream: one, reason: "aborted" });
});

test("of a stream that is reset for any other reason nothing more is sent, and nothing kept", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 5000);
  pair.source.session.reset(stream, "broken");
  assert.deepEqual([pair.source.session.kept, pair.source.session.leaving], [0, 0]);
  assert.deepEqual(types(said(pair.source.session), stream), ["reset"]);
  resume(pair);
  assert.deepEqual(types(said(pair.source.session), stream), ["reset"]);
});

test("until it is confirmed the reset is said again on every lane, behind the octets that are not acknowledged", () => {
  const session = source();
  session.write(one, new Uint8Array(1000));
  session.reset(one, "aborted");
  for (const received of [0, 300, 300, 1000]) {
    session.resume({ highest: one, streams: [{ stream: one, received, limit: 500_000 }] });
    const frames = said(session);
    const reset = { type: "reset", stream: one, reason: "aborted" } as const;
    const data = { type: "data", stream: one, offset: received, octets: new Uint8Array(1000 - received) } as const;
    assert.deepEqual(frames, received < 1000 ? [data, reset] : [reset]);
    assert.equal(session.kept, 1000 - received);
  }
  assert.equal(session.isExpecting, true);
  session.receive(now, { type: "gone", stream: one });
  assert.deepEqual([session.isExpecting, session.streams.size, said(session)], [false, 0, []]);
});

test("what is resent of it is told as resent", () => {
  const session = source();
  session.write(one, new Uint8Array(1000));
  session.reset(one, "aborted");
  const has = (received: number) => ({ highest: one, streams: [{ stream: one, received, limit: 500_000 }] });
  assert.equal(session.sentBeyond(has(0)), 0);
  said(session);
  assert.equal(session.sentBeyond(has(300)), 700);
  session.receive(now, { type: "ack", stream: one, received: 600 });
  assert.equal(session.sentBeyond(has(300)), 400);
});

test("what the peer turns out to have is not sent again before the reset", () => {
  const session = source();
  session.write(one, new Uint8Array(1000));
  said(session);
  session.reset(one, "aborted");
  session.resume({ highest: one, streams: [{ stream: one, received: 0, limit: 500_000 }] });
  assert.deepEqual(session.receive(now, { type: "ack", stream: one, received: 1000 }), []);
  assert.deepEqual(types(said(session), one), ["reset"]);
});

test("a stream that the peer has not heard of is opened for it first", () => {
  const session = source();
  const stream = session.open(now, request) ?? assert.fail("no stream");
  session.write(stream, new Uint8Array(1000));
  session.reset(stream, "aborted");
  const all = ["connect", "data", "reset"];
  assert.deepEqual(types(said(session), stream), all);
  session.resume({ highest: one, streams: [{ stream: one, received: 0, limit: 500_000 }] });
  assert.deepEqual(types(said(session), stream), all);
});

test("it holds memory of its session until the peer has the octets, and then the others have it", () => {
  const pair = createPair({ ...smallConfig, credit: 32_768 });
  const [gone, other] = [opened(pair), opened(pair)];
  while (write(pair.source, gone, 8192) > 0) transmit(pair, pair.source);
  const written = sideOf(pair.source, gone).written;
  reset(pair.source, gone);
  assert.equal(pair.source.session.kept, written);
  const { session } = pair.source;
  const ack = (received: number) => session.receive(pair.now, { type: "ack", stream: gone, received });
  assert.deepEqual(ack(written / 2), [], "nobody is told of room in it");
  assert.equal(session.kept, written / 2);
  assert.deepEqual(ack(written), []);
  assert.equal(session.kept, 0);
  assert.ok(write(pair.source, other, 1000) > 0);
  settle(pair);
  assert.deepEqual([session.streams.size, session.kept], [1, 0]);
});

test("streams that waited for room in the session have it as the octets before a reset are acknowledged", () => {
  const session = source(2, { credit: 100_000, mostStreams: 4, largestWindow: 100_000 });
  session.write(one, new Uint8Array(100_000));
  said(session);
  session.reset(one, "aborted");
  assert.equal(session.room(three), 0);
  assert.deepEqual(session.receive(now, { type: "ack", stream: one, received: 60_000 }), [
    { kind: "room", stream: three },
  ]);
  assert.equal(session.room(three), 60_000);
});

test("what the peer sends meanwhile is passed over, and it is told of nothing but the end", () => {
  const session = source();
  session.receive(now, { type: "data", stream: one, offset: 0, octets: request });
  session.write(one, request);
  session.reset(one, "aborted");
  const frames: readonly StreamFrame[] = [
    { type: "data", stream: one, offset: 3, octets: request },
    { type: "credit", stream: one, limit: 600_000 },
    { type: "fin", stream: one, offset: 6 },
  ];
  for (const frame of frames) assert.deepEqual(session.receive(now, frame), []);
  assert.deepEqual([session.room(one), session.deadline()], [0, undefined]);
  session.write(one, request);
  session.finish(one);
  assert.deepEqual(types(said(session), one), ["data", "reset"]);
});

test("a peer that says to have octets of it that were never sent is broken, on this lane or on the next", () => {
  for (const say of [
    (session: Session) => session.receive(now, { type: "ack", stream: one, received: 4 }),
    (session: Session) =>
      session.resume({ highest: one, streams: [{ stream: one, received: 4, limit: 500_000 }] }).slice(0, 1),
  ]) {
    const session = source();
    session.write(one, request);
    session.reset(one, "aborted");
    said(session);
    assert.deepEqual(
      say(session).map(({ kind }) => kind),
      ["broken"],
    );
  }
});

test("where both applications reset it at once, nobody is told, and nothing of it is left", () => {
  const pair = createPair();
  const stream = opened(pair);
  for (const end of [pair.source, pair.destination]) {
    write(end, stream, 5000);
    reset(end, stream);
    transmit(pair, end);
  }
  settle(pair);
  for (const end of [pair.source, pair.destination]) {
    assert.deepEqual([sideOf(end, stream).over, sideOf(end, stream).got], ["here", 0]);
    assert.deepEqual([end.session.streams.size, end.session.kept, end.session.promised], [0, 0, 0]);
  }
});

test("the express lane brings neither the reset, nor what would then be copied behind it", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 100);
  reset(pair.source, stream);
  copyAhead(pair, pair.source);
  transmit(pair, pair.source);
  assert.equal(pair.copies.source.length, 0);
  settle(pair);
  checkAborted(pair, pair.source, stream);
});

test("copies of what was written before the reset may come before it, behind it, or both", () => {
  for (const isFirst of [true, false]) {
    const pair = createPair();
    const stream = opened(pair);
    write(pair.source, stream, 100);
    transmit(pair, pair.source);
    write(pair.source, stream, 50);
    copyAhead(pair, pair.source);
    reset(pair.source, stream);
    if (isFirst) for (const back of [1, 0]) deliverCopy(pair, pair.source, back, true);
    assert.equal(sideOf(pair.destination, stream).got, isFirst ? 150 : 0);
    settle(pair);
    for (const back of [1, 0]) deliverCopy(pair, pair.source, back);
    checkAborted(pair, pair.source, stream);
  }
});

test("a stream of the peer's that was refused meanwhile is no matter for its octets", () => {
  const pair = createPair();
  const stream = open(pair, pair.source) ?? assert.fail("no stream");
  settle(pair);
  write(pair.source, stream, 3000);
  reset(pair.source, stream);
  pair.destination.session.reset(stream, "refused");
  settle(pair);
  for (const { session } of [pair.source, pair.destination])
    assert.deepEqual([session.streams.size, session.kept, session.promised], [0, 0, 0]);
});

test("a stream that has ended and is then reset leaves nothing, whether the other end had ended or not", () => {
  for (const isBoth of [false, true]) {
    const pair = createPair();
    const stream = opened(pair);
    write(pair.source, stream, 100);
    finish(pair.source, stream);
    if (isBoth) finish(pair.destination, stream);
    reset(pair.source, stream);
    settle(pair);
    const { over, got, isEnded } = sideOf(pair.destination, stream);
    assert.deepEqual([over, got, isEnded], ["aborted", 100, true]);
    for (const { session } of [pair.source, pair.destination])
      assert.deepEqual([session.streams.size, session.kept, session.promised], [0, 0, 0]);
  }
});
