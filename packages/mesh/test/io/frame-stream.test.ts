/** Frames over connections that stand still, break or carry something else. */
import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { FrameStream, type FrameStreamEnd } from "@ropewalk/mesh/io/frame-stream";
import { ReadingTurns } from "@ropewalk/mesh/io/reading-turns";
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

/** In which there is time for whatever comes. */
const longTurns = new ReadingTurns({ now: () => millis(0) });

function opened(wire: Wire, turns: ReadingTurns = longTurns, onFrame: () => void = () => {}) {
  const frames: string[] = [];
  const ends: FrameStreamEnd[] = [];
  const ended = Promise.withResolvers<void>();
  const events = {
    onFrame: (frame: Uint8Array) => {
      frames.push(frame.toHex());
      onFrame();
    },
    onEnd: (end: FrameStreamEnd) => {
      ends.push(end);
      ended.resolve();
    },
  };
  return { stream: new FrameStream(wire, events, turns), frames, ends, ended: ended.promise };
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
  const events = {
    onFrame: (frame: Uint8Array) => {
      frames.push(frame.toHex());
      stream[Symbol.dispose]();
    },
    onEnd: ({ kind }: FrameStreamEnd) => void ends.push(kind),
  };
  const stream = new FrameStream(wire, events, longTurns);
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

/** Each frame takes a millisecond. */
function slowly() {
  let now = 0;
  const turns = new ReadingTurns({ now: () => millis(now) });
  const onFrame = () => {
    now += 1;
  };
  return { turns, onFrame };
}
/** 1,024 octets with their lengths, so that there is a look at the time behind each four. */
const fourFrames = (number: number) => Array.from({ length: 4 }, () => new Uint8Array(254).fill(number));
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    assert.ok(turns < 10_000, "it does not come to an end");
    await turn();
  }
}

test("what has come faster than it can be gone through is gone through in turns, in order and to its end", async () => {
  const wire = new Wire();
  const { turns, onFrame } = slowly();
  const { frames, ended, ends } = opened(wire, turns, onFrame);
  const sent = Array.from({ length: 30 }, (_, number) => fourFrames(number)).flat();
  for (let at = 0; at < sent.length; at += 40) wire.push(encodeFrames(sent.slice(at, at + 40)));
  wire.push(null);
  await turn();
  assert.ok(frames.length > 0 && frames.length <= 12, `${frames.length} in the first turns`);
  assert.deepEqual(ends, []);
  await ended;
  const numbers = (of: readonly string[]) => of.map((frame) => frame.slice(0, 2)).join(" ");
  assert.equal(numbers(frames), numbers(sent.map((frame) => frame.toHex())));
  assert.deepEqual(ends, [{ kind: "lost", code: undefined }]);
});

test("of several who bring more than there is time for each has his turn", async () => {
  const { turns, onFrame } = slowly();
  const wires = [new Wire(), new Wire(), new Wire()];
  const all = wires.map((wire) => opened(wire, turns, onFrame));
  for (const wire of wires) wire.push(encodeFrames(Array.from({ length: 20 }, () => fourFrames(1)).flat()));
  await until(() => all.every(({ frames }) => frames.length >= 8));
  const counts = all.map(({ frames }) => frames.length);
  assert.ok(Math.max(...counts) <= 24, `${counts}`);
  await until(() => all.every(({ frames }) => frames.length === 80));
  for (const { stream } of all) stream[Symbol.dispose]();
});

test("who is to be read no further is not, when his turn has come, until he is to be again", async () => {
  const wire = new Wire();
  const { turns, onFrame } = slowly();
  const { stream, frames } = opened(wire, turns, onFrame);
  wire.push(encodeFrames([...fourFrames(1), ...fourFrames(2), ...fourFrames(3)]));
  await until(() => frames.length > 0);
  stream.pause();
  wire.push(encodeFrames(fourFrames(4)));
  await until(() => frames.length >= 12);
  for (let count = 0; count < 5; count += 1) await turn();
  assert.equal(frames.length, 12, "what was read already is gone through");
  stream.resume();
  await until(() => frames.length === 16);
  stream[Symbol.dispose]();
});

test("who is to be read again while he waits for his turn is read on from where he was", async () => {
  const wire = new Wire();
  const { turns, onFrame } = slowly();
  const { stream, frames } = opened(wire, turns, onFrame);
  for (let number = 1; number <= 6; number += 1)
    wire.push(encodeFrames([...fourFrames(number), ...fourFrames(number)]));
  await until(() => frames.length > 0);
  stream.pause();
  stream.resume();
  await until(() => frames.length === 48);
  const numbers = frames.map((frame) => Number.parseInt(frame.slice(0, 2), 16));
  assert.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  );
  stream[Symbol.dispose]();
});

test("nothing is told of what waits for its turn when the link ends", async () => {
  const wire = new Wire();
  const { turns, onFrame } = slowly();
  const { stream, frames } = opened(wire, turns, onFrame);
  wire.push(encodeFrames([...fourFrames(1), ...fourFrames(2), ...fourFrames(3)]));
  await until(() => frames.length > 0);
  const before = frames.length;
  stream[Symbol.dispose]();
  for (let count = 0; count < 5; count += 1) await turn();
  assert.equal(frames.length, before);
  assert.ok(before < 12);
});
