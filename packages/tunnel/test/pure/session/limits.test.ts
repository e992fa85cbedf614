import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { Session, type SessionConfig } from "@ropewalk/tunnel/pure/session/session";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { openAndClose } from "./open-and-close.ts";
import {
  createPair,
  deliver,
  finish,
  open,
  opened,
  type Pair,
  reset,
  settle,
  sideOf,
  smallConfig,
  takeIn,
  transmit,
  write,
} from "./two-sessions.ts";

const usual: SessionConfig = { credit: 67_108_864, mostStreams: 2048, largestWindow: 16_777_216 };
const request = Uint8Array.of(1, 2, 3);
const now = millis(1000);

function destination(config = smallConfig): Session {
  const session = new Session("destination", config);
  session.begin(session.settings);
  return session;
}

test("20,000 streams opened, used and closed, in every way that there is, leave nothing", () => {
  assert.deepEqual(openAndClose(20_000, 1), []);
});

test("a reader that stalls holds up nobody else, and its own writer at its window", () => {
  const pair = createPair({ credit: 1_048_576, mostStreams: 16, largestWindow: 262_144 });
  const [stalled, other] = [opened(pair), opened(pair)];
  for (let count = 0; count < 200; count += 1) {
    write(pair.source, stalled, 100_000);
    write(pair.source, other, 20_000);
    move(pair);
    const { waiting } = sideOf(pair.destination, other);
    takeIn(pair, pair.destination, other, waiting);
    move(pair);
  }
  assert.ok(sideOf(pair.destination, other).got >= 3_000_000);
  assert.ok(sideOf(pair.destination, stalled).got <= 65_536);
  assert.equal(pair.source.session.room(stalled), 0);
  settle(pair);
  assert.equal(sideOf(pair.destination, stalled).got, sideOf(pair.source, stalled).written);
});

/** Everything that is to be sent is, and comes; nobody takes anything. */
function move(pair: Pair): void {
  pair.now = millis(pair.now + 30);
  for (let isMoving = true; isMoving; )
    isMoving = [pair.source, pair.destination]
      .flatMap((end) => [transmit(pair, end, 65_536), deliver(pair, end)])
      .includes(true);
}

test("a thousand stalled readers hold no more than the session's credit, and what is promised never exceeds it", () => {
  const pair = createPair(usual);
  const streams = Array.from({ length: 1000 }, () => open(pair, pair.source) ?? assert.fail("no stream"));
  move(pair);
  for (const stream of streams) pair.destination.session.accept(stream);
  // Each had been quick before it stalled, and so has a large window.
  for (let round = 0; round < 3; round += 1) {
    for (const stream of streams) write(pair.source, stream, 100_000);
    move(pair);
    if (round === 2) break;
    for (const stream of streams) takeIn(pair, pair.destination, stream, sideOf(pair.destination, stream).waiting);
    move(pair);
    assert.ok(pair.destination.session.promised <= usual.credit);
  }
  let waiting = 0;
  for (const stream of streams) waiting += sideOf(pair.destination, stream).waiting;
  assert.ok(waiting >= 16_384_000 && waiting <= pair.destination.session.promised, `${waiting} wait`);
  assert.ok(pair.destination.session.promised <= usual.credit);
});

test("an end that opens and resets for ever is let open as many in a row as there may be streams, then few", () => {
  const session = destination();
  let id = 1;
  const burst = (at: number, count: number): number => {
    let asked = 0;
    for (let index = 0; index < count; index += 1, id += 2) {
      const stream = streamId(id);
      const outputs = session.receive(millis(at), { type: "connect", stream, limit: 1, request });
      asked += outputs.length;
      session.receive(millis(at), { type: "reset", stream, reason: "aborted" });
      while (session.take(millis(at), 65_536) !== undefined);
    }
    return asked;
  };
  assert.equal(burst(1000, 1000), smallConfig.mostStreams + 1);
  const later = burst(11_000, 1000);
  assert.ok(later >= 1 && later <= smallConfig.mostStreams + 1, `${later} later`);
  assert.deepEqual(session.counts, { asked: 2000, refused: 2000 - 17 - later, withdrawn: 17 + later });
  assert.equal(session.streams.size, 0);
  // Who is quiet for a while is as anybody else.
  assert.equal(burst(60_000, smallConfig.mostStreams), smallConfig.mostStreams);
});

test("streams that were accepted and then reset are no withdrawals", () => {
  const pair = createPair();
  for (let count = 0; count < 100; count += 1) {
    reset(pair.source, opened(pair));
    settle(pair);
  }
  assert.deepEqual(pair.destination.session.counts, { asked: 100, refused: 0, withdrawn: 0 });
});

test("a peer that asks and asks and reads no answers ends its session, and no more is kept of it", () => {
  const session = destination();
  for (let count = 0; ; count += 1) {
    assert.ok(count < 10_000, "answers are kept without end");
    const stream = streamId(1 + 2 * count);
    const outputs = [
      ...session.receive(now, { type: "connect", stream, limit: 1, request }),
      ...session.receive(now, { type: "reset", stream, reason: "aborted" }),
    ];
    if (outputs.some(({ kind }) => kind === "broken")) return;
  }
});

test("more streams than there may be are refused, and the others live", () => {
  const pair = createPair(smallConfig, { ...smallConfig, mostStreams: 4 });
  const own = Array.from({ length: 2 }, () => open(pair, pair.destination) ?? assert.fail());
  const streams = Array.from({ length: 4 }, () => open(pair, pair.source) ?? assert.fail());
  assert.equal(open(pair, pair.source), undefined);
  settle(pair);
  assert.deepEqual(
    streams.map((stream) => sideOf(pair.source, stream).over),
    ["no", "no", "too-many", "too-many"],
  );
  for (const stream of own) assert.equal(sideOf(pair.source, stream).over, "no");
});

test("an end keeps no more than its own credit, however much the peer allows, and goes on as the peer acknowledges", () => {
  const config: SessionConfig = { credit: 100_000, mostStreams: 4, largestWindow: 60_000 };
  const session = new Session("source", config);
  session.begin({ version: 1, initialCredit: 0xffff_ffff, mostStreams: 4 });
  const [one, two] = [0, 1].map(() => session.open(now, request) ?? assert.fail());
  if (one === undefined || two === undefined) assert.fail();
  assert.equal(session.room(one), 60_000);
  session.write(one, new Uint8Array(60_000));
  assert.equal(session.room(one), 0);
  assert.equal(session.room(two), 40_000);
  assert.throws(() => session.write(two, new Uint8Array(40_001)), /room/);
  session.write(two, new Uint8Array(40_000));
  assert.equal(session.kept, 100_000);
  while (session.take(now, 65_536) !== undefined);
  assert.deepEqual(session.receive(now, { type: "ack", stream: one, received: 20_000 }), [
    { kind: "room", stream: one },
  ]);
  assert.equal(session.room(two), 0);
  assert.deepEqual(
    session.receive(now, { type: "ack", stream: one, received: 60_000 }).map(({ kind }) => kind),
    ["room", "room"],
  );
  assert.equal(session.room(one), 60_000);
  assert.equal(session.room(two), 20_000);
});

test("room that a reset has made is told with what comes next", () => {
  const config: SessionConfig = { credit: 100_000, mostStreams: 4, largestWindow: 100_000 };
  const session = new Session("source", config);
  session.begin({ version: 1, initialCredit: 0xffff_ffff, mostStreams: 4 });
  const [one, two] = [0, 1].map(() => session.open(now, request) ?? assert.fail());
  if (one === undefined || two === undefined) assert.fail();
  session.write(one, new Uint8Array(100_000));
  assert.equal(session.room(two), 0);
  session.reset(one, "aborted");
  assert.deepEqual(session.receive(now, { type: "gone", stream: one }), [{ kind: "room", stream: two }]);
});

test("whether something is expected is known at once, whatever the number of streams", () => {
  const pair = createPair(usual);
  const stream = opened(pair);
  const { session } = pair.source;
  assert.equal(session.isExpecting, false);
  write(pair.source, stream, 10);
  assert.equal(session.isExpecting, true);
  settle(pair);
  assert.equal(session.isExpecting, false);
  finish(pair.source, stream);
  assert.equal(session.isExpecting, true);
  settle(pair);
  assert.equal(session.isExpecting, false);
});
