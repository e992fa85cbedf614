import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import { LaneReader } from "@ropewalk/tunnel/pure/lane/lane-reader";
import type { Opened } from "@ropewalk/tunnel/pure/lane/record-opener";
import { dataHeader } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import fc from "fast-check";
import { epoch, lane, numberedFrame, opener, sealed, sealer } from "./epochs.ts";

const here = lane(epoch(1));
const reader = () => new LaneReader(opener(here));

/** Reads as much as there is room for, at most `most` at a time, and opens whatever is whole; the largest room as well. */
function feed(to: LaneReader, stream: Uint8Array, most: () => number) {
  const all: Opened[] = [];
  const rooms: number[] = [];
  for (let rest = stream; rest.length > 0; ) {
    const room = to.room();
    assert.ok(room.length > 0);
    rooms.push(room.length);
    const part = rest.subarray(0, Math.min(room.length, most()));
    room.set(part);
    to.filled(part.length);
    rest = rest.subarray(part.length);
    all.push(...drained(to));
  }
  return { all, rooms };
}

function drained(to: LaneReader): readonly Opened[] {
  const all: Opened[] = [];
  for (let next = to.next(); next !== undefined; next = to.next()) all.push(next);
  return all;
}

/** Records of these sizes, and what is in them. */
function recordsOf(sizes: readonly number[]) {
  const by = sealer(here);
  const payloads = sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
  const records = payloads.map((octets) => {
    const header = dataHeader(streamId(1), 0, octets.length);
    return joined(...by.seal([header, octets], header.length + octets.length));
  });
  const frames = payloads.map((octets) => [{ type: "data", stream: 1, offset: 0, octets }]);
  return { stream: joined(...records), frames };
}

const size = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 60_000, max: 70_000 }), fc.nat(300_000));

test("however a lane's octets are cut, the same records come out", () => {
  fc.assert(
    fc.property(
      fc.array(
        size.map((octets) => octets + 1),
        { minLength: 1, maxLength: 8 },
      ),
      fc.array(fc.oneof(fc.constant(1_000_000), fc.integer({ min: 1_000, max: 100_000 })), { minLength: 1 }),
      (sizes, cuts) => {
        const { stream, frames } = recordsOf(sizes);
        let turn = 0;
        const { all } = feed(reader(), stream, () => cuts[turn++ % cuts.length] ?? 1);
        assert.deepEqual(all, frames);
      },
    ),
    // Megabytes are not made smaller step by step.
    { numRuns: 30, endOnFailure: true },
  );
});

test("small records come out octet by octet, and all at once from behind a welcome", () => {
  const { stream, frames } = recordsOf([1, 64, 200]);
  assert.deepEqual(feed(reader(), stream, () => 1).all, frames);
  const to = reader();
  to.take(stream.subarray(0, 30));
  assert.deepEqual(drained(to), frames.slice(0, 0));
  to.take(stream.subarray(30));
  assert.deepEqual(drained(to), frames);
});

test("what comes from behind a welcome may be more than there was room for", () => {
  const { stream, frames } = recordsOf([70_000, 300_000, 5]);
  const to = reader();
  to.take(stream);
  assert.deepEqual(drained(to), frames);
});

test("of a large record no more is asked for than is missing of it, and the header of the next", () => {
  const { stream, frames } = recordsOf([524_288, 524_288, 524_288, 64]);
  const { all, rooms } = feed(reader(), stream, () => 2_000_000);
  assert.deepEqual(all, frames);
  const record = 4 + 17 + 524_288 + 16;
  assert.deepEqual(rooms, [65_536, record - 65_536 + 4, record, record, 65_532]);
});

test("what came out stays as it is, whatever is read next", () => {
  const { stream, frames } = recordsOf([100, 100]);
  const to = reader();
  const half = stream.length / 2;
  const first = feed(to, stream.subarray(0, half), () => 1_000).all;
  feed(to, stream.subarray(half), () => 1_000);
  assert.deepEqual(first, frames.slice(0, 1));
});

test("a length out of bounds ends the lane with its header, and nothing comes out afterwards", () => {
  for (const length of [0, 1, 16, 1_048_576 + 17, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const to = reader();
    to.take(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
    assert.equal(to.next(), "broken");
    to.take(recordsOf([5]).stream);
    assert.equal(to.next(), undefined);
    assert.ok(to.room().length <= 65_536);
  }
});

test("a record that does not open is the last, though others were read with it", () => {
  const by = sealer(here);
  const [good, bad, after] = [0, 1, 2].map((number) => sealed(by, numberedFrame(number)));
  assert.ok(good !== undefined && bad !== undefined && after !== undefined);
  bad[10] = (bad[10] ?? 0) ^ 1;
  assert.deepEqual(feed(reader(), joined(good, bad, after), () => 1_000).all, [[numberedFrame(0)], "broken"]);
});

test("records behind a change of keys open, though all were read at once", () => {
  const by = sealer(here);
  const stream = joined(sealed(by, numberedFrame(0)), ...by.update(millis(0)), sealed(by, numberedFrame(1)));
  assert.deepEqual(feed(reader(), stream, () => 10_000).all, [
    [numberedFrame(0)],
    [{ type: "key-update" }],
    [numberedFrame(1)],
  ]);
});

test("the room of a large record is given back when it is over, and nothing is lost by it", () => {
  const { stream, frames } = recordsOf([1_000_000, 100, 100]);
  const to = reader();
  const { all } = feed(to, stream.subarray(0, stream.length - 50), () => 2_000_000);
  assert.ok(to.room().buffer.byteLength > 1_000_000);
  to.shrink();
  assert.equal(to.room().buffer.byteLength, 65_536);
  assert.deepEqual([...all, ...feed(to, stream.subarray(-50), () => 7).all], frames);
});

test("the room of a large record that is under way is not given back", () => {
  const { stream, frames } = recordsOf([1_000_000]);
  const to = reader();
  feed(to, stream.subarray(0, 30_000), () => 30_000);
  const { buffer } = to.room();
  to.shrink();
  assert.equal(to.room().buffer, buffer);
  assert.deepEqual(feed(to, stream.subarray(30_000), () => 2_000_000).all, frames);
});
