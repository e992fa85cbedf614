/** What the express lane brings: copies of what is small, of which only what is new counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import type { CopiedFrame } from "@ropewalk/tunnel/pure/session/incoming";
import type { Session, StreamFrame } from "@ropewalk/tunnel/pure/session/session";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import {
  copyAhead,
  createPair,
  deliverCopy,
  finish,
  open,
  opened,
  type Pair,
  reset,
  settle,
  sideOf,
  transmit,
  write,
} from "./two-sessions.ts";

const octets = Uint8Array.of(1, 2, 3);

function copiedTypes(pair: Pair, session: Session): readonly string[] {
  const draft = session.take(pair.now, 65_536) ?? assert.fail("nothing to send");
  const { parts, length } = draft.copied();
  assert.equal(length, draft.copiedLength);
  const frames = length === 0 ? [] : decodeFrames(joined(...parts));
  if (frames === "malformed") assert.fail(frames);
  assert.equal(draft.copies, frames.length);
  return frames.map(({ type }) => type);
}

test("what is small is copied with its end, and what says how far the other end has come; bulk and what opens streams is not", () => {
  const pair = createPair();
  const [small, large] = [opened(pair), opened(pair)];
  const { session } = pair.source;
  write(pair.source, small, 100);
  finish(pair.source, small);
  write(pair.source, large, 10_000);
  open(pair, pair.source);
  assert.deepEqual(copiedTypes(pair, session), ["data", "fin"]);
  write(pair.destination, large, 8_192);
  settle(pair);
  session.reset(large, "aborted");
  assert.deepEqual(copiedTypes(pair, session), []);
});

test("a copy that comes first is delivered at once, and what it was made of then means nothing", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 100);
  transmit(pair, pair.source);
  deliverCopy(pair, pair.source, 0, true);
  assert.equal(sideOf(pair.destination, stream).got, 100);
  deliverCopy(pair, pair.source);
  settle(pair);
  assert.equal(sideOf(pair.destination, stream).got, 100);
});

test("a copy whose octets do not follow on what has come waits for nothing: the other lane brings both", () => {
  const pair = createPair();
  const stream = opened(pair);
  for (const length of [100, 50]) {
    write(pair.source, stream, length);
    transmit(pair, pair.source);
  }
  deliverCopy(pair, pair.source);
  assert.equal(sideOf(pair.destination, stream).got, 0);
  settle(pair);
  assert.equal(sideOf(pair.destination, stream).got, 150);
});

test("what is small goes ahead while the lane takes nothing, once; what the peer has by then is not sent", () => {
  const pair = createPair();
  const [small, large] = [opened(pair), opened(pair)];
  write(pair.source, large, 10_000);
  write(pair.source, small, 100);
  copyAhead(pair, pair.source);
  write(pair.source, small, 50);
  copyAhead(pair, pair.source);
  copyAhead(pair, pair.source);
  assert.equal(pair.copies.source.length, 2);
  for (const back of [1, 0]) deliverCopy(pair, pair.source, back);
  assert.deepEqual([sideOf(pair.destination, small).got, sideOf(pair.destination, large).got], [150, 0]);
  const received = { type: "ack", stream: small, received: 150 } as const;
  assert.deepEqual(pair.source.session.receiveCopy(pair.now, received), []);
  assert.equal(pair.source.session.streams.get(small)?.send.pending, 0);
  settle(pair);
  assert.deepEqual([sideOf(pair.destination, small).got, sideOf(pair.destination, large).got], [150, 10_000]);
});

test("an end that comes by the express lane ends the stream once", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 10);
  finish(pair.source, stream);
  transmit(pair, pair.source);
  deliverCopy(pair, pair.source);
  assert.equal(sideOf(pair.destination, stream).isEnded, true);
  finish(pair.destination, stream);
  settle(pair);
  assert.deepEqual([sideOf(pair.source, stream).over, sideOf(pair.destination, stream).over], ["closed", "closed"]);
});

test("copies of a stream that nobody has opened, that is not accepted, or that is over are passed over", () => {
  const pair = createPair();
  const { session } = pair.destination;
  const frames = (stream: ReturnType<typeof streamId>) =>
    [
      { type: "data", stream, offset: 0, octets },
      { type: "fin", stream, offset: 0 },
      { type: "ack", stream, received: 9 },
      { type: "credit", stream, limit: 99 },
    ] as const satisfies readonly StreamFrame[];
  const none = (stream: ReturnType<typeof streamId>) => {
    for (const frame of frames(stream)) assert.deepEqual(session.receiveCopy(pair.now, frame), []);
  };
  none(streamId(1));
  none(streamId(2));
  const asked = open(pair, pair.source) ?? assert.fail("no stream");
  settle(pair);
  none(asked);
  session.accept(asked);
  settle(pair);
  reset(pair.destination, asked);
  none(asked);
  settle(pair);
  none(asked);
  assert.equal(session.streams.size, 0);
});

test("a copy that could not be true is passed over, and the session goes on", () => {
  const pair = createPair();
  const stream = opened(pair);
  const { session } = pair.destination;
  const limit = session.streams.get(stream)?.receive.limit ?? 0;
  for (const frame of [
    { type: "data", stream, offset: 0, octets: new Uint8Array(limit + 1) },
    { type: "fin", stream, offset: 5 },
    { type: "ack", stream, received: 5 },
  ] as const satisfies readonly StreamFrame[])
    assert.deepEqual(session.receiveCopy(pair.now, frame), []);
  write(pair.source, stream, 10);
  settle(pair);
  assert.equal(sideOf(pair.destination, stream).got, 10);
});

test("each copy is counted by what it came to: first with something new, late, or before what it follows on", () => {
  const pair = createPair();
  const { copies } = pair.destination.session;
  const unopened = { type: "fin", stream: streamId(1), offset: 0 } as const;
  const receive = (frame: CopiedFrame) => pair.destination.session.receiveCopy(pair.now, frame);
  receive(unopened);
  const stream = open(pair, pair.source) ?? assert.fail("no stream");
  settle(pair);
  receive({ type: "data", stream, offset: 0, octets });
  assert.deepEqual(copies.status, { sent: 0, first: 0, late: 0, early: 2 });
  pair.destination.session.accept(stream);
  write(pair.destination, stream, 10);
  settle(pair);
  receive({ type: "data", stream, offset: 4, octets });
  assert.deepEqual(copies.status, { sent: 0, first: 0, late: 0, early: 3 });
  write(pair.source, stream, 10);
  transmit(pair, pair.source);
  for (const frame of [
    { type: "credit", stream, limit: 1_000_000 },
    { type: "fin", stream, offset: 0 },
  ] as const satisfies readonly CopiedFrame[]) {
    receive(frame);
    receive(frame);
  }
  assert.deepEqual(copies.status, { sent: 0, first: 2, late: 2, early: 3 });
  reset(pair.destination, stream);
  receive({ type: "ack", stream, received: 1 });
  settle(pair);
  receive({ type: "ack", stream, received: 1 });
  assert.deepEqual(copies.status, { sent: 0, first: 2, late: 4, early: 3 });
});

test("an acknowledgement that comes by the express lane is counted as new where it says more than was known", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 10);
  transmit(pair, pair.source);
  for (const received of [5, 5, 10, 7]) pair.source.session.receiveCopy(pair.now, { type: "ack", stream, received });
  assert.deepEqual(pair.source.session.copies.status, { sent: 0, first: 2, late: 2, early: 0 });
});

test("copies that go ahead are counted as frames, however many parts each has", () => {
  const pair = createPair();
  const [one, two] = [opened(pair), opened(pair)];
  write(pair.source, one, 100);
  const none = pair.source.session.takeAhead();
  write(pair.source, one, 100);
  write(pair.source, two, 100);
  assert.deepEqual([none?.copies, pair.source.session.takeAhead()?.copies], [1, 2]);
});
