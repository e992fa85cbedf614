/** Frames cut from a stream, however it was cut before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrames, FrameCutter } from "@ropewalk/mesh/pure/wire/frame-stream";
import { longestFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import fc from "fast-check";

/** The frames in `pieces`, copied; undefined where what came is none. */
function cutAll(pieces: readonly Uint8Array[]): readonly Uint8Array[] | undefined {
  const cutter = new FrameCutter();
  const frames: Uint8Array[] = [];
  for (const piece of pieces) if (!cutter.cut(piece, (frame) => frames.push(frame.slice()))) return undefined;
  return frames;
}

function inPieces(octets: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let turn = 0; at < octets.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(octets.slice(at, at + size));
    at += size;
  }
  return pieces;
}

test("frames come out as they went in, whatever the pieces in which they came", () => {
  const frame = fc.uint8Array({ minLength: 1, maxLength: longestFrame });
  const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), sizes, (frames, cuts) => {
      const cut = cutAll(inPieces(encodeFrames(frames), cuts));
      assert.deepEqual(
        cut?.map((each) => each.toHex()),
        frames.map((each) => each.toHex()),
      );
    }),
  );
});

test("a frame that came in one piece is a view of it, and only one that did not is a copy", () => {
  const octets = encodeFrames([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)]);
  const isView: boolean[] = [];
  const cutter = new FrameCutter();
  const rest = octets.slice(6);
  const see = (of: Uint8Array) => (frame: Uint8Array) => void isView.push(frame.buffer === of.buffer);
  const first = octets.slice(0, 6);
  assert.ok(cutter.cut(first, see(first)));
  assert.ok(cutter.cut(rest, see(rest)));
  const halves = [octets.slice(0, 4), octets.slice(4, 5)];
  for (const half of halves) assert.ok(cutter.cut(half, see(half)));
  assert.deepEqual(isView, [true, true, false]);
});

test("a length of nothing, and one beyond the longest frame, end the stream and all that follows", () => {
  for (const head of [Uint8Array.of(0, 0), Uint8Array.of(0x10, 0x01), Uint8Array.of(0xff, 0xff)]) {
    const cutter = new FrameCutter();
    const frames: number[] = [];
    const see = (frame: Uint8Array) => void frames.push(frame.length);
    assert.ok(cutter.cut(encodeFrames([new Uint8Array(longestFrame)]), see));
    assert.equal(cutter.cut(head, see), false);
    assert.equal(cutter.cut(encodeFrames([Uint8Array.of(1)]), see), false);
    assert.deepEqual(frames, [longestFrame]);
  }
});
