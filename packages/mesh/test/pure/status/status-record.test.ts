import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { decodeStatus, encodeStatus } from "@ropewalk/mesh/pure/status/status-record";
import fc from "fast-check";
import { anyStatus, oneStatus } from "./status-makers.ts";

test("a record is read as what was written, and each has the same length", () => {
  fc.assert(
    fc.property(anyStatus, (record) => {
      const octets = encodeStatus(record);
      assert.equal(octets.length, 88);
      assert.deepEqual(decodeStatus(octets), record);
    }),
    { numRuns: 300 },
  );
});

test("octets that are read as a record are those that it would be written as", () => {
  fc.assert(
    fc.property(anyStatus, fc.integer({ min: 44, max: 87 }), fc.nat(255), (record, place, value) => {
      const changed = encodeStatus(record).with(place, value);
      const read = decodeStatus(changed);
      if (read !== undefined) assert.deepEqual(encodeStatus(read), changed);
    }),
    { numRuns: 1_000 },
  );
});

test("what is beyond a field is told as the most that it holds, and a version is cut off", () => {
  const beyond = {
    ...{ neighbours: 70_000, known: 2 ** 40, made: 5, runningFor: seconds(2 ** 40) },
    version: "0.1.0 with words\u0007 and more",
  };
  const read = decodeStatus(encodeStatus({ ...oneStatus, ...beyond }));
  assert.deepEqual(
    [read?.neighbours, read?.known, read?.made, read?.runningFor, read?.version],
    [0xffff, 0xffff_ffff, 1_577_836_800, seconds(0xffff_ffff), "0.1.0withwordsan"],
  );
});

test("what no record says is none", () => {
  const octets = encodeStatus(oneStatus);
  const none = [
    octets.subarray(1),
    octets.with(48, 3),
    octets.with(49, 3),
    octets.with(72, 0x1b),
    octets.with(80, 0x30),
  ];
  for (const one of none) assert.equal(decodeStatus(one), undefined);
});
