import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import { Session, type StreamFrame } from "@ropewalk/tunnel/pure/session/session";
import { StreamTable } from "@ropewalk/tunnel/pure/session/stream-table";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { type Frame, type StreamId, streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { createPair, finish, open, opened, reset, settle, sideOf, smallConfig, takeIn, write } from "./two-sessions.ts";

const now = millis(1000);
const request = Uint8Array.of(1, 2, 3);
const [one, two, four] = [1, 2, 4].map(streamId) as [StreamId, StreamId, StreamId];

/** A source whose peer has the same limits. */
function source(config = smallConfig): Session {
  const session = new Session("source", config);
  session.begin(session.settings);
  return session;
}

/** All that it has to say by `at`. */
function said(session: Session, at = now): readonly Frame[] {
  const records: Uint8Array[] = [];
  for (let draft = session.take(at, 65_536); draft !== undefined; draft = session.take(at, 65_536))
    records.push(...draft.parts);
  const frames = records.length === 0 ? [] : decodeFrames(joined(...records));
  return frames === "malformed" ? assert.fail(frames) : frames;
}

function asked(session: Session, stream: StreamId, limit = 4096): void {
  const outputs = session.receive(now, { type: "connect", stream, limit, request });
  assert.deepEqual(outputs, [{ kind: "asked", stream, request }]);
}

test("a source opens odd streams and a destination even ones, each greater than all before", () => {
  for (const [role, ids] of [
    ["source", [1, 3, 5]],
    ["destination", [2, 4, 6]],
  ] as const) {
    const session = new Session(role, smallConfig);
    assert.equal(session.open(now, request), undefined);
    session.begin(session.settings);
    assert.deepEqual(
      ids.map(() => session.open(now, request)),
      ids,
    );
  }
});

test("when its numbers are used up an end opens no more, and says so", () => {
  for (const [role, last] of [
    ["source", 0xffff_ffff],
    ["destination", 0xffff_fffe],
  ] as const) {
    const table = new StreamTable(role, last - 2);
    assert.equal(table.isSpent, false);
    const { send, receive } = [...openOne().streams.values()][0] ?? assert.fail();
    assert.equal(table.open(send, receive, { kind: "asking", request }).id, last);
    assert.equal(table.isSpent, true);
  }
});

function openOne(): Session {
  const session = source();
  session.open(now, request);
  return session;
}

test("connect goes before the first data, also where frames wait that do not fit into one record", () => {
  const config = { credit: 67_108_864, mostStreams: 2048, largestWindow: 1_048_576 };
  const pair = createPair(config);
  for (let count = 0; count < 2000; count += 1) {
    assert.ok(open(pair, pair.source, new Uint8Array(300)));
  }
  for (const stream of [...pair.source.sides.keys()].reverse()) write(pair.source, stream, 100);
  settle(pair);
  assert.equal(pair.destination.sides.size, 2000);
  for (const [, side] of pair.destination.sides) assert.equal(side.got, 100);
});

test("connect tells how much the opener takes at first, and accept the same of who accepts", () => {
  const session = openOne();
  assert.deepEqual(said(session), [{ type: "connect", stream: one, limit: 40_960, request }]);
  asked(session, two);
  session.accept(two);
  session.accept(two);
  assert.deepEqual(said(session), [{ type: "accept", stream: two, limit: 32_768 }]);
});

test("of a stream that is over nothing is said any more but that it is", () => {
  const session = source();
  asked(session, two);
  session.accept(two);
  said(session);
  session.receive(now, { type: "data", stream: two, offset: 0, octets: new Uint8Array(8000) });
  session.taken(now, two, 8000);
  session.write(two, request);
  session.receive(now, { type: "reset", stream: two, reason: "aborted" });
  assert.equal(session.deadline(), undefined);
  assert.deepEqual(said(session, millis(now + 1000)), [{ type: "gone", stream: two }]);
});

test("a stream may send the initial credit of its peer before it is accepted, and then what accept says", () => {
  const pair = createPair();
  const stream = open(pair, pair.source) ?? assert.fail();
  assert.equal(write(pair.source, stream, 1_000_000), pair.destination.session.settings.initialCredit);
  settle(pair);
  pair.destination.session.accept(stream);
  settle(pair);
  assert.ok(sideOf(pair.source, stream).isAccepted);
  assert.ok(write(pair.source, stream, 1_000_000) > 0);
});

test("a request that is refused tells why", () => {
  const pair = createPair();
  const stream = open(pair, pair.source) ?? assert.fail();
  settle(pair);
  pair.destination.session.reset(stream, "unknown-service");
  pair.destination.sides.delete(stream);
  settle(pair);
  assert.equal(sideOf(pair.source, stream).over, "unknown-service");
});

test("each direction ends for itself: what is sent behind the other's end still comes", () => {
  const pair = createPair();
  const stream = opened(pair);
  finish(pair.source, stream);
  settle(pair);
  write(pair.destination, stream, 5000);
  settle(pair);
  assert.equal(sideOf(pair.source, stream).got, 5000);
  finish(pair.destination, stream);
  settle(pair);
  for (const end of [pair.source, pair.destination]) assert.equal(sideOf(end, stream).over, "closed");
});

test("a reset is answered with gone, and its sender keeps the number until then, and what the peer may not have", () => {
  const pair = createPair();
  const stream = opened(pair);
  write(pair.source, stream, 8000);
  reset(pair.source, stream);
  assert.equal(pair.source.session.kept, 8000);
  assert.equal(pair.source.session.promised, pair.source.session.settings.initialCredit);
  assert.equal(pair.source.session.isExpecting, true);
  assert.equal(pair.source.session.room(stream), 0);
  settle(pair);
  assert.equal(sideOf(pair.destination, stream).over, "aborted");
  assert.equal(pair.source.session.isExpecting, false);
  const { streams, promised, kept } = pair.source.session;
  assert.deepEqual([streams.size, promised, kept], [0, 0, 0]);
});

test("gone for a stream whose both ends had come closes it, but not before all was taken", () => {
  const session = source();
  asked(session, two);
  session.accept(two);
  session.receive(now, { type: "data", stream: two, offset: 0, octets: request });
  session.receive(now, { type: "fin", stream: two, offset: 3 });
  session.finish(two);
  said(session);
  assert.deepEqual(session.receive(now, { type: "gone", stream: two }), []);
  assert.ok(session.promised >= 3);
  assert.equal(session.isExpecting, false);
  assert.deepEqual(session.taken(now, two, 3), [{ kind: "closed", stream: two }]);
  assert.equal(session.promised, 0);
});

test("gone for a stream that has not ended is as a reset", () => {
  const session = source();
  asked(session, two);
  session.receive(now, { type: "fin", stream: two, offset: 0 });
  assert.deepEqual(session.receive(now, { type: "gone", stream: two }), [
    { kind: "reset", stream: two, reason: "aborted" },
  ]);
});

test("what comes for a stream that is over is passed over, but a reset is answered", () => {
  const session = source();
  asked(session, two);
  session.receive(now, { type: "reset", stream: two, reason: "aborted" });
  said(session);
  const frames: readonly StreamFrame[] = [
    { type: "connect", stream: two, limit: 100, request },
    { type: "data", stream: two, offset: 77, octets: request },
    { type: "fin", stream: two, offset: 77 },
    { type: "ack", stream: two, received: 77 },
    { type: "credit", stream: two, limit: 77 },
    { type: "gone", stream: two },
  ];
  for (const frame of frames) assert.deepEqual(session.receive(now, frame), []);
  assert.deepEqual(said(session, millis(now + 1000)), []);
  session.receive(now, { type: "reset", stream: two, reason: "aborted" });
  assert.deepEqual(said(session), [{ type: "gone", stream: two }]);
});

test("whatever may not be ends the session", () => {
  const frames: readonly (readonly [string, StreamFrame])[] = [
    ["a stream with a number of ours", { type: "connect", stream: streamId(3), limit: 100, request }],
    ["data of a stream that nobody has opened", { type: "data", stream: four, offset: 0, octets: request }],
    ["a reset of one", { type: "reset", stream: streamId(99), reason: "aborted" }],
    ["gone of one", { type: "gone", stream: four }],
    ["accept of the peer's own", { type: "accept", stream: two, limit: 100 }],
    ["data behind a gap", { type: "data", stream: two, offset: 1, octets: request }],
    ["data beyond the limit", { type: "data", stream: two, offset: 0, octets: new Uint8Array(8193) }],
    ["an end behind a gap", { type: "fin", stream: two, offset: 1 }],
    ["an acknowledgement of what was never sent", { type: "ack", stream: one, received: 1 }],
  ];
  for (const [what, frame] of frames) {
    const session = openOne();
    asked(session, two);
    assert.deepEqual(
      session.receive(now, frame).map(({ kind }) => kind),
      ["broken"],
      what,
    );
  }
});

test("acknowledgements wait for company, but not long, and not for much", () => {
  const session = source({ credit: 8_388_608, mostStreams: 4, largestWindow: 4_194_304 });
  asked(session, two);
  session.accept(two);
  said(session);
  session.receive(now, { type: "data", stream: two, offset: 0, octets: request });
  assert.deepEqual(said(session), []);
  assert.equal(session.deadline(), now + 25);
  session.write(two, request);
  assert.deepEqual(
    said(session).map(({ type }) => type),
    ["ack", "data"],
  );
  assert.equal(session.deadline(), undefined);
  session.receive(now, { type: "data", stream: two, offset: 3, octets: request });
  assert.deepEqual(said(session, millis(now + 25)), [{ type: "ack", stream: two, received: 6 }]);
});

test("octets and ends that come again are acknowledged again: the peer does not know that they had come", () => {
  const session = source();
  asked(session, two);
  const frames: readonly StreamFrame[] = [
    { type: "data", stream: two, offset: 0, octets: request },
    { type: "fin", stream: two, offset: 3 },
  ];
  for (const frame of frames) session.receive(now, frame);
  assert.deepEqual(said(session, millis(now + 25)), [{ type: "ack", stream: two, received: 4 }]);
  for (const frame of frames) {
    assert.deepEqual(session.receive(now, frame), []);
    assert.deepEqual(said(session, millis(now + 25)), [{ type: "ack", stream: two, received: 4 }]);
  }
});

test("go-away: the one end opens no more and refuses what comes, the other is told and opens no more", () => {
  const pair = createPair();
  const stream = opened(pair);
  const late = open(pair, pair.source) ?? assert.fail();
  pair.destination.session.goAway("stopping");
  settle(pair);
  assert.equal(sideOf(pair.source, late).over, "going-away");
  assert.equal(open(pair, pair.source), undefined);
  assert.equal(open(pair, pair.destination), undefined);
  write(pair.source, stream, 100);
  settle(pair);
  assert.equal(sideOf(pair.destination, stream).got, 100);
});

test("when a session ends every stream is told, nothing is left, and nothing more is said or heard", () => {
  const session = openOne();
  asked(session, two);
  session.write(one, request);
  session.receive(now, { type: "data", stream: two, offset: 0, octets: request });
  const outputs = session.end("peer-restarted");
  assert.deepEqual(
    outputs.map((output) => output.kind === "reset" && [output.stream, output.reason]),
    [
      [1, "peer-restarted"],
      [2, "peer-restarted"],
    ],
  );
  assert.deepEqual([session.kept, session.promised, session.isExpecting, session.streams.size], [0, 0, false, 0]);
  assert.deepEqual(said(session, millis(now + 1000)), []);
  assert.deepEqual(session.receive(now, { type: "connect", stream: four, limit: 1, request }), []);
  assert.equal(session.open(now, request), undefined);
  assert.equal(session.deadline(), undefined);
});

test("credit is given as octets are taken, not as they come", () => {
  const pair = createPair();
  const stream = opened(pair);
  let sent = 0;
  for (let count = 0; count < 100; count += 1) {
    const room = pair.source.session.room(stream);
    sent += write(pair.source, stream, room);
    const draft = pair.source.session.take(pair.now, 1_000_000);
    if (draft === undefined) break;
    for (const frame of decodeFrames(joined(...draft.parts)) as readonly StreamFrame[])
      pair.destination.session.receive(pair.now, frame);
  }
  assert.ok(sent > 0 && sent <= smallConfig.largestWindow);
  takeIn(pair, pair.destination, stream, 0);
  assert.equal(pair.source.session.room(stream), 0);
});
