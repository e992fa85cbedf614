import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { WaitingOctets } from "@ropewalk/tunnel/pure/waiting-octets";
import fc from "fast-check";

test("what goes in comes out, in order, and is no view of what went in", () => {
  const pieces = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40_000 }), fc.constant(0)),
  );
  fc.assert(
    fc.property(pieces, (lengths) => {
      const waiting = new WaitingOctets();
      const [went, came]: [Uint8Array[], Uint8Array[]] = [[], []];
      for (const [index, length] of lengths.entries()) {
        const octets = new Uint8Array(length).fill(index + 1);
        if (length === 0) came.push(waiting.take() ?? new Uint8Array());
        else waiting.push(octets);
        went.push(octets.slice());
        octets.fill(0);
      }
      const left = waiting.length;
      const before = came.reduce((sum, octets) => sum + octets.length, 0);
      for (let block = waiting.take(); block !== undefined; block = waiting.take()) came.push(block);
      assert.deepEqual(joined(...came), joined(...went));
      assert.deepEqual([left + before, waiting.length], [joined(...went).length, 0]);
    }),
  );
});

test("many small pieces cost little more than their octets", () => {
  const waiting = new WaitingOctets();
  for (let count = 0; count < 65_536; count += 1) waiting.push(new Uint8Array(1));
  let blocks = 0;
  assert.ok(waiting.held < 65_536 * 1.5, `${waiting.held} octets are held`);
  while (waiting.take() !== undefined) blocks += 1;
  assert.ok(blocks < 10, `${blocks} blocks`);
});

test("it never has more than five times what waits, and a little", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20_000 })), (lengths) => {
      const waiting = new WaitingOctets();
      for (const length of lengths) {
        waiting.push(new Uint8Array(length));
        assert.ok(waiting.held <= 5 * waiting.length + 256, `${waiting.held} for ${waiting.length}`);
      }
    }),
  );
});
