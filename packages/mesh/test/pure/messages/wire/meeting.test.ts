/** What is said in a meeting is written in one way, and nothing else is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { decodeMeeting, encodeMeeting, type MeetingSaid } from "@ropewalk/mesh/pure/messages/wire/meeting";
import fc from "fast-check";
import { anyMeetingSaid } from "./meetings.ts";

const opening = { kind: "begin", nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), count: 10_000, slice: 16 } as const;
const symbol = { high: 0x0102_0304, low: 0xffff_fffe, check: 0x8000_0001, deviation: 0 };
const said = (deviation: number): MeetingSaid => ({
  kind: "symbols",
  first: 3,
  symbols: [{ ...symbol, deviation }],
});

test("what is said is read as what was written", () => {
  fc.assert(
    fc.property(anyMeetingSaid, (meeting) => {
      assert.deepEqual(decodeMeeting(encodeMeeting(meeting)), meeting);
    }),
    { numRuns: 1_000 },
  );
});

test("octets that are read are those that would be written", () => {
  const changed = fc.tuple(anyMeetingSaid.map(encodeMeeting), fc.nat(40), fc.nat(255), fc.nat(2));
  fc.assert(
    fc.property(changed, ([octets, place, value, cut]) => {
      if (place < octets.length) octets[place] = value;
      const part = octets.subarray(0, octets.length - cut);
      const meeting = decodeMeeting(part);
      if (meeting !== undefined) assert.deepEqual(encodeMeeting(meeting), part);
    }),
    { numRuns: 5_000 },
  );
});

test("a deviation takes as many octets as it is large, and has no second way to be written", () => {
  const octetsOf = (deviation: number) => encodeMeeting(said(deviation)).toHex().slice(34);
  assert.deepEqual([0, -1, 1, -64, 63, 64, -8192, 8192].map(octetsOf), [
    ...["00", "01", "02", "7f", "7e"],
    ...["8001", "ff7f", "808001"],
  ]);
  assert.equal(octetsOf(-0x8000_0000), "ffffffff0f");
  const head = encodeMeeting(said(0)).subarray(0, 17);
  for (const other of ["8000", "818000", "ffffffff1f", "80808080808001", "80", "ff"])
    assert.equal(decodeMeeting(joined(head, Uint8Array.fromHex(other))), undefined, other);
});

test("what is beyond its bounds, or has an octet more or less, is nothing", () => {
  const octets = encodeMeeting(opening);
  const hopeless: readonly Uint8Array[] = [
    new Uint8Array(),
    octets.with(0, 0),
    octets.with(0, 7),
    octets.with(13, 17),
    octets.subarray(1),
    octets.subarray(0, -1),
    joined(octets, new Uint8Array(1)),
    encodeMeeting({ kind: "symbols", first: 0, symbols: [] }),
    Uint8Array.of(4, 0, 0, 0),
    Uint8Array.of(4, 0, 0, 0, 1, 0),
    Uint8Array.of(3, 0),
    new Uint8Array(13).with(0, 3),
    Uint8Array.of(6, 0),
  ];
  for (const one of hopeless) assert.equal(decodeMeeting(one), undefined, one.toHex());
});
