/** Frames over connections that stand still, break or carry something else. */
import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { FrameStream, type FrameStreamEnd } from "@ropewalk/mesh/io/frame-stream";
import { encodeFrames, FrameCutter } from "@ropewalk/mesh/pure/wire/frame-stream";

/** One end of a connection whose other end is this test. */
class Wire extends Duplex {
  readonly written: Uint8Array[] = [];
  /** Undefined: it takes all at once. */
  blocked: (() => void) | undefined;
  isStill = false;

  constructor() {
    super({ writableHighWaterMark: 1 });
  }

  override _read(): void {}

  override _write(octets: Buffer, _encoding: string, done: () => void): void {
    this.written.push(new Uint8Array(octets));
    if (this.isStill) this.blocked = done;
    else done();
  }
}

function framesIn(written: readonly Uint8Array[]): readonly string[] {
  const cutter = new FrameCutter();
  const frames: string[] = [];
  for (const octets of written) cutter.cut(octets, (frame) => frames.push(frame.toHex()));
  return frames;
}

function opened(wire: Wire) {
  const frames: string[] = [];
  const ends: FrameStreamEnd[] = [];
  const ended = Promise.withResolvers<void>();
  const stream = new FrameStream(wire, {
    onFrame: (frame) => void frames.push(frame.toHex()),
    onEnd: (end) => {
      ends.push(end);
      ended.resolve();
    },
  });
  return { stream, frames, ends, ended: ended.promise };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("what is sent in one turn goes out in one write", async () => {
  const wire = new Wire();
  using stream = opened(wire).stream;
  for (let number = 1; number <= 50; number += 1) stream.send(Uint8Array.of(9, number));
  await turn();
  assert.equal(wire.written.length, 1);
  assert.equal(framesIn(wire.written).length, 50);
  assert.equal(stream.counts.framesOut, 50);
});

test("of what is sent in one turn, also of more than may wait, nothing gives way while the connection takes it", async () => {
  const wire = new Wire();
  using stream = opened(wire).stream;
  for (let number = 0; number < 4000; number += 1) {
    const announce = new Uint8Array(131);
    announce.set([2, number >> 8, number & 255]);
    stream.send(announce);
  }
  await turn();
  assert.equal(framesIn(wire.written).length, 4000);
  assert.equal(stream.counts.dropped.announces, 0);
});

test("while the connection takes no more, frames wait and announces give way; when it does again, the rest goes out in order", async () => {
  const wire = new Wire();
  wire.isStill = true;
  const { stream } = opened(wire);
  stream.send(Uint8Array.of(1));
  await turn();
  for (let number = 0; number < 3000; number += 1) {
    const announce = new Uint8Array(131);
    announce[0] = 2;
    stream.send(announce);
  }
  stream.send(Uint8Array.of(3, 7));
  await turn();
  assert.equal(wire.written.length, 1);
  const { dropped, waiting } = stream.counts;
  assert.ok(waiting <= 262_144 && waiting > 262_000, `${waiting} octets wait`);
  assert.ok(dropped.announces > 900);
  wire.isStill = false;
  wire.blocked?.();
  await turn();
  await turn();
  const sent = framesIn(wire.written);
  assert.equal(sent.length, 3002 - dropped.announces);
  assert.equal(sent.at(-1), "0307");
  assert.equal(stream.counts.waiting, 0);
  stream[Symbol.dispose]();
});

test("a neighbour who does not read, and to whom nothing may be left unsaid, is cut off", async () => {
  const wire = new Wire();
  wire.isStill = true;
  const { stream, ends } = opened(wire);
  stream.send(Uint8Array.of(1));
  await turn();
  for (let number = 0; number < 100 && ends.length === 0; number += 1) {
    const withdraw = new Uint8Array(4000);
    withdraw[0] = 3;
    stream.send(withdraw);
  }
  assert.deepEqual(ends, [{ kind: "overflow" }]);
  assert.ok(wire.destroyed);
});

test("what is no frame ends it; what came before was told", async () => {
  const wire = new Wire();
  const { frames, ends, ended } = opened(wire);
  wire.push(encodeFrames([Uint8Array.of(8, 1)]));
  wire.push(Uint8Array.of(0, 0, 1));
  await ended;
  assert.deepEqual(frames, ["0801"]);
  assert.deepEqual(ends, [{ kind: "malformed" }]);
  assert.ok(wire.destroyed);
});

test("no frame is told after the end, also of those that came with the one that caused it", async () => {
  const wire = new Wire();
  const frames: string[] = [];
  const ends: string[] = [];
  const stream = new FrameStream(wire, {
    onFrame: (frame) => {
      frames.push(frame.toHex());
      stream[Symbol.dispose]();
    },
    onEnd: ({ kind }) => void ends.push(kind),
  });
  wire.push(encodeFrames([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]));
  await turn();
  assert.deepEqual(frames, ["01"]);
  assert.deepEqual(ends, ["closed"]);
});

test("the end of the connection is told once, with the system's code where it has one", async () => {
  const ending = new Wire();
  const first = opened(ending);
  ending.push(null);
  await first.ended;
  const broken = new Wire();
  const second = opened(broken);
  broken.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  await second.ended;
  await turn();
  assert.deepEqual(first.ends, [{ kind: "lost", code: undefined }]);
  assert.deepEqual(second.ends, [{ kind: "lost", code: "ECONNRESET" }]);
});
