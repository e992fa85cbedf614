import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError } from "@ropewalk/kernel/errors";
import { millis, seconds } from "@ropewalk/kernel/units";
import {
  decodeBroadcast,
  encodeBroadcast,
  longestBroadcast,
  rewriteBroadcastHop,
} from "@ropewalk/mesh/pure/messages/wire/broadcast";
import fc from "fast-check";
import { anyBroadcast, anyBroadcastParts, oneBroadcast, readBroadcast } from "./envelopes.ts";

test("a broadcast is read as what was written", () => {
  fc.assert(
    fc.property(anyBroadcastParts, ([hop, content]) => {
      const read = readBroadcast(encodeBroadcast(hop, content));
      assert.deepEqual({ priority: read.priority, hops: read.hops, life: read.life }, hop);
      assert.deepEqual(read.content, content);
      if (content.form === "signed")
        assert.deepEqual(read.signedPart, Uint8Array.of(...content.key, ...content.plaintext));
    }),
    { numRuns: 500 },
  );
});

test("octets that are read as a broadcast are those that it would be written as", () => {
  fc.assert(
    fc.property(anyBroadcast, fc.nat(20), fc.nat(255), ({ octets }, place, value) => {
      const changed = octets.with(place, value);
      const read = decodeBroadcast(changed);
      if (read !== undefined) assert.deepEqual(encodeBroadcast(read, read.content), changed);
    }),
    { numRuns: 3_000 },
  );
});

test("relays change priority, hops and life, and not what the broadcast is known by", () => {
  fc.assert(
    fc.property(anyBroadcast, fc.nat(16), (broadcast, hops) => {
      const frame = Uint8Array.of(15, ...broadcast.octets);
      rewriteBroadcastHop(frame, 1, { priority: 2, hops, life: seconds(9) });
      const next = readBroadcast(frame.subarray(1));
      assert.deepEqual([next.priority, next.hops, next.life], [2, hops, seconds(9)]);
      assert.deepEqual(next.lasting, broadcast.lasting);
    }),
  );
});

test("what is beyond a broadcast's bounds is none, and is not written", () => {
  const { octets } = oneBroadcast;
  const hopeless: readonly Uint8Array[] = [
    new Uint8Array(),
    octets.subarray(0, 3),
    octets.subarray(0, 50),
    octets.with(0, 0x51),
    octets.with(0, 0x63),
    octets.with(3, 0),
    octets.with(3, 3),
    // Signed, it would be longer.
    octets.with(3, 1),
    octets.with(1, 0).with(2, 0),
    // 3,601 seconds.
    octets.with(1, 0x0e).with(2, 0x11),
    Uint8Array.of(...octets, ...new Uint8Array(longestBroadcast + 1 - octets.length)),
  ];
  for (const none of hopeless) assert.equal(decodeBroadcast(none), undefined, none.subarray(0, 4).toHex());
  assert.notEqual(decodeBroadcast(octets.subarray(0, 51)), undefined);
  assert.notEqual(decodeBroadcast(octets.with(1, 0x0e).with(2, 0x10)), undefined);
  const unfit = [
    { hops: 17, life: seconds(1) },
    { hops: -1, life: seconds(1) },
    { hops: 1, life: seconds(3_601) },
    { hops: 1, life: millis(999) },
  ];
  for (const hop of unfit)
    assert.throws(() => encodeBroadcast({ priority: 1, ...hop }, oneBroadcast.content), InternalError);
});
