/** A pipe between an application's connection and a stream: what either does, the other is told, and nothing is kept that need not be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { Pipe } from "@ropewalk/tunnel/io/pipe";
import { ReadSlab } from "@ropewalk/tunnel/io/read-slab";
import { settle, WireEnd } from "../wires/wire-end.ts";

/** The application at the other end of the connection, and what the stream was told. */
function piped(capacity = Number.POSITIVE_INFINITY) {
  const [near, far] = WireEnd.pair();
  far.capacity = capacity;
  const told: string[] = [];
  const state: { room: number; isReading: boolean; got: Uint8Array } = {
    ...{ room: 1_000, isReading: true, got: new Uint8Array() },
  };
  const sent: Uint8Array[] = [];
  const pipe = new Pipe(
    {
      room: () => state.room,
      write: (octets) => {
        state.room -= octets.length;
        sent.push(new Uint8Array(octets));
        told.push(`wrote ${octets.length}`);
      },
      finish: () => told.push("finished"),
      abort: () => told.push("aborted"),
      taken: (count) => told.push(`taken ${count}`),
    },
    new ReadSlab(),
  );
  const buffer = new Uint8Array(100_000);
  far.start({
    room: () => (state.isReading ? buffer : undefined),
    onOctets: (octets) => {
      state.got = joined(state.got, octets);
    },
    onEnd: () => told.push("application: end"),
    onWritable: () => {},
    onClosed: (how) => told.push(`application: ${how.kind}`),
  });
  return { pipe, near, far, told, state, sent };
}

const octets = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => (from + index) & 255);

test("what comes before there is a connection waits for it, and so does the end", () => {
  const { pipe, near, far, told, state } = piped();
  const first = octets(10);
  pipe.deliver(first);
  first.fill(0);
  pipe.deliver(octets(10, 10));
  pipe.end();
  assert.deepEqual(told, []);
  pipe.attach(near);
  settle(near, far);
  assert.deepEqual([told, state.got], [["taken 20", "application: end"], octets(20)]);
});

test("an application that takes nothing is sent no more, and what waits for it comes whole and in order", () => {
  const { pipe, near, far, told, state } = piped(0);
  state.isReading = false;
  pipe.attach(near);
  for (let at = 0; at < 5_000; at += 1) pipe.deliver(octets(1, at));
  pipe.end();
  settle(near, far);
  assert.deepEqual([told, far.unread], [[], 1]);
  state.isReading = true;
  far.resume();
  settle(near, far);
  assert.deepEqual(state.got, octets(5_000));
  const taken = told.filter((word) => word.startsWith("taken")).map((word) => Number(word.slice(6)));
  assert.equal(
    taken.reduce((sum, count) => sum + count),
    5_000,
  );
  assert.ok(taken.length < 10, `${taken.length} writes of one octet and more`);
  assert.equal(told.at(-1), "application: end");
});

test("the kernel holds little for an application until that has taken what it did not take at once", () => {
  const { pipe, near, far, state } = piped(10);
  state.isReading = false;
  pipe.attach(near);
  pipe.deliver(octets(100));
  settle(near, far);
  assert.equal(near.bounds.length, 1);
  state.isReading = true;
  far.resume();
  settle(near, far);
  pipe.deliver(octets(100));
  settle(near, far);
  const [atFirst = 0, later = 0] = near.bounds;
  assert.deepEqual([near.bounds.length, state.got.length], [2, 200]);
  assert.ok(atFirst < later);
});

test("an application is read as far as the stream has room, and again when it has more", () => {
  const { pipe, near, far, told, state, sent } = piped();
  pipe.attach(near);
  far.write([octets(2_500)]);
  settle(near, far);
  assert.deepEqual([told, near.isPaused], [["wrote 1000"], true]);
  state.room = 200;
  pipe.resume();
  settle(near, far);
  state.room = 5_000;
  pipe.resume();
  far.finish();
  settle(near, far);
  assert.deepEqual(told, ["wrote 1000", "wrote 200", "wrote 1300", "finished"]);
  assert.deepEqual(joined(...sent), octets(2_500));
});

test("either direction ends by itself, and the other goes on", () => {
  const { pipe, near, far, told, state } = piped();
  pipe.attach(near);
  far.finish();
  settle(near, far);
  pipe.deliver(octets(30));
  settle(near, far);
  pipe.end();
  settle(near, far);
  assert.deepEqual(told, ["finished", "taken 30", "application: end", "application: ended"]);
  assert.equal(state.got.length, 30);
});

test("a reset of the application is the stream's abort, and nothing is told of it twice", () => {
  const { pipe, near, far, told } = piped();
  pipe.attach(near);
  far.reset();
  settle(near, far);
  assert.deepEqual(told, ["aborted", "application: ended"]);
  pipe.deliver(octets(3));
  pipe.end();
  pipe.resume();
  pipe.reset();
  settle(near, far);
  assert.deepEqual(told, ["aborted", "application: ended"]);
});

test("a stream that is over resets the application's connection, whatever waits, and one that comes too late", () => {
  const { pipe, near, far, told } = piped(0);
  pipe.attach(near);
  pipe.deliver(octets(10));
  pipe.deliver(octets(10));
  pipe.reset();
  pipe.reset();
  settle(near, far);
  assert.deepEqual([near.fate, told], ["reset", ["application: failed"]]);
  const late = piped();
  late.pipe.deliver(octets(5));
  late.pipe.reset();
  late.pipe.attach(late.near);
  assert.deepEqual([late.near.fate, late.told], ["reset", []]);
});

test("of what waits, an application has what its kernel takes when the stream is over", () => {
  const { pipe, near, far, told, state } = piped(15);
  pipe.attach(near);
  for (const from of [0, 10, 20, 30]) pipe.deliver(octets(10, from));
  // It has read what it was sent, and this end has not heard of it yet.
  while (far.step());
  assert.deepEqual([told, state.got], [["taken 10"], octets(20)]);
  pipe.reset();
  settle(near, far);
  assert.deepEqual([told.at(-1), state.got], ["application: failed", octets(35)]);
});

test("the end of both directions is no abort", () => {
  const { pipe, near, far, told } = piped();
  pipe.attach(near);
  pipe.end();
  far.write([octets(5)]);
  far.finish();
  settle(near, far);
  assert.deepEqual(told.toSorted(), ["application: end", "application: ended", "finished", "wrote 5"]);
});
