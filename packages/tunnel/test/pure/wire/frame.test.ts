import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { type Frame, frameType, streamId } from "@ropewalk/tunnel/pure/wire/frame";
import fc from "fast-check";
import { anyFrame, encodeAny } from "./frames.ts";

const records = fc.array(anyFrame, { minLength: 1, maxLength: 8 });
const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(/[\s|]/g, ""));

test("whatever frames go in one behind the other come out", () => {
  fc.assert(
    fc.property(records, (frames) => {
      assert.deepEqual(decodeFrames(joined(...frames.map(encodeAny))), frames);
    }),
    { numRuns: 500 },
  );
});

test("a record that ends within a frame is malformed, wherever it is cut", () => {
  fc.assert(
    fc.property(records, (frames) => {
      const last = encodeAny(frames.at(-1) ?? assert.fail());
      const before = joined(...frames.slice(0, -1).map(encodeAny));
      for (let length = 1; length < last.length; length += 1) {
        assert.equal(decodeFrames(joined(before, last.subarray(0, length))), "malformed");
      }
    }),
  );
});

test("frames are views of the record, so that a large one is not copied", () => {
  const record = encodeAny({ type: "data", stream: streamId(1), offset: 0, octets: new Uint8Array(1_000) });
  const [frame] = decodeFrames(record);
  assert.ok(typeof frame === "object" && frame.type === "data");
  assert.equal(frame.octets.buffer, record.buffer);
});

const malformed: Readonly<Record<string, string>> = {
  "no frame at all": "",
  "a type that there is not": "00",
  "a type between the groups": "0b",
  "a type beyond the last": "19",
  "data of stream 0": "12 | 00000000 | 0000000000000000 | 00000001 | ff",
  "data without an octet": "12 | 00000001 | 0000000000000000 | 00000000",
  "data whose offset is beyond a safe integer": "12 | 00000001 | 0020000000000000 | 00000001 | ff",
  "data whose last octet is": "12 | 00000001 | 001fffffffffffff | 00000001 | ff",
  "an end that could not be acknowledged": "15 | 00000001 | 001fffffffffffff",
  "a limit beyond a safe integer": "13 | 00000001 | 0020000000000000",
  "a reset without a reason": "16 | 00000001 | 00",
  "a reset with a reason that there is not": "16 | 00000001 | 0c",
  "a go-away without a reason": "09 | 00",
  "a state with a stream twice": `04 | ${"00".repeat(48)} | 00000000 | 00000002 ${`| 00000001 | ${"00".repeat(16)}`.repeat(2)}`,
  "a state with stream 0": `04 | ${"00".repeat(48)} | 00000000 | 00000001 | 00000000 | ${"00".repeat(16)}`,
  "a state with more streams than octets": `04 | ${"00".repeat(48)} | 00000000 | ffffffff`,
};

for (const [what, text] of Object.entries(malformed)) {
  test(`${what} is malformed, and so is all that came with it`, () => {
    const good = encodeFrame({ type: "gone", stream: streamId(7) });
    assert.equal(decodeFrames(hex(text)), "malformed");
    if (text !== "") assert.equal(decodeFrames(joined(good, hex(text))), "malformed");
  });
}

test("CVE-2026-32314: a frame that opens a stream with a body larger than what came makes no stream and no panic", () => {
  // rust-yamux: SYN and a body length beyond the limit, which took the whole connection's task down.
  const request = hex("10 | 00000001 | 0000000000010000 | ffff | 00");
  assert.equal(decodeFrames(request), "malformed");
  const connect = encodeFrame({ type: "connect", stream: streamId(1), limit: 65_536, request: new Uint8Array() });
  for (const length of ["00000002", "00100001", "7fffffff", "80000000", "ffffffff"]) {
    assert.equal(decodeFrames(joined(connect, hex(`12 | 00000001 | 0000000000000000 | ${length} | ff`))), "malformed");
  }
});

test("CVE-2026-31814: no sum of a window and what comes on top of it leaves the numbers that are exact", () => {
  // rust-yamux: a WindowUpdate added to the window without a check. Here limits are absolute, and none can be added up.
  const most = hex("13 | 00000001 | 001fffffffffffff");
  const limit = Number.MAX_SAFE_INTEGER;
  assert.deepEqual(decodeFrames(joined(most, most)), [
    { type: "credit", stream: 1, limit },
    { type: "credit", stream: 1, limit },
  ]);
  for (const past of ["0020000000000000", "7fffffffffffffff", "8000000000000000", "ffffffffffffffff"]) {
    for (const type of ["11", "13", "14", "15"]) {
      assert.equal(decodeFrames(hex(`${type} | 00000001 | ${past}`)), "malformed", `${type} ${past}`);
    }
  }
});

test("every type that the specification has is made and read, and no other octet begins a frame", () => {
  const samples = fc.sample(anyFrame, { numRuns: 2_000, seed: 1 });
  assert.deepEqual(new Set(samples.map(({ type }) => type)), new Set(Object.keys(frameType) as Frame["type"][]));
  const known = new Set<number>(Object.values(frameType));
  for (let type = 0; type < 256; type += 1) {
    if (!known.has(type)) assert.equal(decodeFrames(new Uint8Array(200).fill(type, 0, 1)), "malformed");
  }
});

test("the streams of a state are told in the order of their numbers, in whatever order they are kept", () => {
  const of = (number: number) => ({ stream: streamId(number), received: number, limit: number });
  const [frame] = decodeFrames(
    encodeFrame({ type: "resumed", proof: new Uint8Array(48), state: { highest: 0, streams: [3, 9, 1, 4].map(of) } }),
  );
  assert.ok(typeof frame === "object" && frame.type === "resumed");
  assert.deepEqual(frame.state.streams, [1, 3, 4, 9].map(of));
});

test("numbers that are no stream cannot be made one", () => {
  for (const value of [0, -1, 1.5, 2 ** 32, Number.NaN]) assert.throws(() => streamId(value), { code: "INTERNAL" });
});
