import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import { CreditBudget } from "@ropewalk/tunnel/pure/session/credit-budget";
import { Draft } from "@ropewalk/tunnel/pure/session/draft";
import { ReceiveHalf } from "@ropewalk/tunnel/pure/session/receive-half";
import { SendHalf } from "@ropewalk/tunnel/pure/session/send-half";
import type { Stream } from "@ropewalk/tunnel/pure/session/stream";
import { Turns } from "@ropewalk/tunnel/pure/session/turns";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { type DataFrame, type Frame, type StreamId, streamId } from "@ropewalk/tunnel/pure/wire/frame";

const much = 1_000_000_000;
const budget = new CreditBudget({ credit: much, mostStreams: 10_000 });

function streamOf(id: number): Stream {
  return {
    ...{ id: streamId(id), send: new SendHalf(much, much), receive: new ReceiveHalf(millis(0), 16_384, budget) },
    ...{ phase: { kind: "open", isOwn: true }, turn: "none", before: undefined, behind: undefined },
  };
}

function write(turns: Turns, stream: Stream, length: number): void {
  stream.send.write(new Uint8Array(length));
  turns.note(stream);
}

function record(turns: Turns, most: number): readonly Frame[] {
  const draft = new Draft();
  turns.fill(draft, most);
  const frames = draft.length === 0 ? [] : decodeFrames(joined(...draft.parts));
  return frames === "malformed" ? assert.fail(frames) : frames;
}

function octetsOf(frames: readonly Frame[], id: StreamId): number {
  const data = frames.filter((frame): frame is DataFrame => frame.type === "data" && frame.stream === id);
  return data.reduce((sum, { octets }) => sum + octets.length, 0);
}

/** 1 where all have the same, 1/n where one has all. */
function jain(shares: readonly number[]): number {
  const sum = shares.reduce((one, other) => one + other, 0);
  return sum ** 2 / (shares.length * shares.reduce((squares, share) => squares + share ** 2, 0));
}

/** What each of the streams was served of `records` records, each kept supplied by `supply` octets before every record. */
function served(supply: readonly number[], records: number, most: number): readonly number[] {
  const turns = new Turns();
  const streams = supply.map((_, index) => streamOf(index + 1));
  const shares = supply.map(() => 0);
  for (let count = 0; count < records; count += 1) {
    for (const [index, stream] of streams.entries()) {
      const length = (supply[index] ?? 0) - stream.send.pending;
      if (length > 0) write(turns, stream, length);
    }
    const frames = record(turns, most);
    for (const [index, { id }] of streams.entries()) shares[index] = (shares[index] ?? 0) + octetsOf(frames, id);
  }
  return shares;
}

test("eight bulk streams have the same share, however much each has ready, and beside one that has little", () => {
  for (const most of [16_384, 65_536, 524_288]) {
    assert.ok(jain(served([...new Array(8).fill(1_000_000), 100], 400, most).slice(0, 8)) >= 0.99);
    const uneven = Array.from({ length: 8 }, (_, index) => most + index * 5000);
    assert.ok(jain(served(uneven, 400, most)) >= 0.95, `records of ${most}`);
  }
});

test("who has a little less ready than a record holds does not take turns of who has more", () => {
  const [first = 0, second = 0] = served([60_000, 1_000_000], 400, 65_536);
  assert.ok(first / second > 0.8 && first / second < 1.25, `${first} beside ${second}`);
});

test("little comes before much, whoever was first", () => {
  const turns = new Turns();
  const [bulk, typed] = [streamOf(1), streamOf(3)];
  write(turns, bulk, 1_000_000);
  write(turns, typed, 64);
  assert.deepEqual(
    record(turns, 65_536).map((frame) => frame.type === "data" && frame.stream),
    [3, 1],
  );
});

test("those who send a little again and again have half of the records, and bulk the other", () => {
  const shares = served([1_000_000, ...new Array(1000).fill(2000)], 200, 65_536);
  const bulk = shares[0] ?? 0;
  const little = shares.slice(1).reduce((one, other) => one + other, 0);
  assert.ok(bulk / (bulk + little) > 0.4, `bulk has ${bulk}, the others ${little}`);
  assert.ok(little > 0);
});

test("among a thousand who send a little each has its turn", () => {
  const shares = served([1_000_000, ...new Array(1000).fill(2000)], 200, 65_536).slice(1);
  assert.ok(jain(shares) > 0.95);
});

test("a record has no more than it may, or a bulk stream's least share, but has something", () => {
  for (const most of [1, 500, 1500, 4096, 65_536]) {
    const turns = new Turns();
    for (let id = 1; id <= 40; id += 1) write(turns, streamOf(id), id % 2 === 0 ? 2000 : 500_000);
    const draft = new Draft();
    turns.fill(draft, most);
    assert.ok(draft.length > 0 && draft.length <= Math.max(most, 1024) + 4096, `${draft.length} of ${most}`);
  }
});

test("the end goes with the last octets, and one alone goes too", () => {
  const turns = new Turns();
  const [one, other] = [streamOf(1), streamOf(3)];
  one.send.write(new Uint8Array(10));
  one.send.finish();
  turns.note(one);
  other.send.finish();
  turns.note(other);
  assert.deepEqual(
    record(turns, 65_536).map(({ type }) => type),
    ["data", "fin", "fin"],
  );
  assert.ok(turns.isEmpty);
});

test("who is noted twice waits once, and who has nothing does not wait", () => {
  const turns = new Turns();
  const streams = [1, 3, 5].map(streamOf);
  for (const [index, stream] of streams.entries()) write(turns, stream, index === 1 ? 100 : 10_000);
  for (const stream of streams) turns.note(stream);
  turns.note(streamOf(7));
  const frames = record(turns, 65_536);
  for (const [index, { id }] of streams.entries()) assert.equal(octetsOf(frames, id), index === 1 ? 100 : 10_000);
  assert.ok(turns.isEmpty);
});

test("who is forgotten leaves wherever it stands, and the others go on", () => {
  for (const gone of [0, 1, 2]) {
    const turns = new Turns();
    const streams = [1, 3, 5].map(streamOf);
    for (const stream of streams) write(turns, stream, 10_000);
    record(turns, 4096);
    const [left] = streams.splice(gone, 1);
    turns.forget(left ?? assert.fail());
    turns.forget(left ?? assert.fail());
    const frames = record(turns, 65_536);
    assert.deepEqual(
      new Set(frames.map((frame) => frame.type === "data" && frame.stream)),
      new Set(streams.map(({ id }) => id)),
    );
    assert.ok(turns.isEmpty);
  }
});

/** The streams of which octets go ahead, with how many of each. */
function ahead(turns: Turns): readonly (readonly [id: number, octets: number])[] {
  const draft = new Draft();
  turns.copyAhead(draft);
  const frames = draft.length === 0 ? [] : decodeFrames(joined(...draft.parts));
  if (frames === "malformed") assert.fail(frames);
  return frames.map((frame) => (frame.type === "data" ? [frame.stream, frame.octets.length] : assert.fail(frame.type)));
}

test("as much as is little goes ahead, and nothing of a stream that has come to have more", () => {
  const turns = new Turns();
  const [one, other] = [streamOf(1), streamOf(3)];
  write(turns, one, 2000);
  write(turns, other, 2000);
  write(turns, one, 48);
  write(turns, other, 49);
  assert.deepEqual(ahead(turns), [[1, 2048]]);
});

test("of many streams those that have waited longest go ahead, and no more than sixteen are looked at", () => {
  const turns = new Turns();
  const streams = Array.from({ length: 20 }, (_, index) => streamOf(2 * index + 1));
  for (const stream of streams) write(turns, stream, 10);
  const longest = streams.slice(0, 16).map(({ id }) => [id, 10]);
  assert.deepEqual(ahead(turns), longest);
  assert.deepEqual(ahead(turns), []);
  record(turns, 65_536);
  assert.ok(turns.isEmpty);
});
