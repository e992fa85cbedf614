import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventStreamReader } from "../src/event-stream-reader.ts";

const octets = (text: string) => new TextEncoder().encode(text);

test("an event has its id, its type and its data, several lines of which are joined", () => {
  const reader = new EventStreamReader();
  const text = "id: e-7\nevent: snapshot\ndata: one\ndata: two\n\n";
  assert.deepEqual(reader.push(octets(text)), [{ id: "e-7", type: "snapshot", data: "one\ntwo" }]);
});

test("comments and events without data are passed over, and the id stays for the next", () => {
  const reader = new EventStreamReader();
  assert.deepEqual(reader.push(octets(": heartbeat\n\nid: e-1\n\ndata:x\r\n\r\n")), [
    { id: "e-1", type: "", data: "x" },
  ]);
});

test("how a stream is cut into chunks, also inside a character, changes nothing", () => {
  const stream = octets("id: é-1\ndata: ÄÖ\n\n: c\n\nid: e-2\nevent: t\ndata: 漢字\n\n");
  const whole = new EventStreamReader().push(stream);
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const reader = new EventStreamReader();
      const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const events = places.slice(1).flatMap((end, index) => reader.push(stream.subarray(places[index], end)));
      assert.deepEqual(events, whole);
    }),
  );
});

test("any octets at all are read without an exception", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (pieces) => {
      const reader = new EventStreamReader();
      for (const piece of pieces) reader.push(piece);
    }),
  );
});

test("an event that never ends is refused before it fills the memory", () => {
  const reader = new EventStreamReader();
  const line = octets(`data: ${"x".repeat(1024 * 1024)}\n`);
  assert.throws(
    () => {
      for (let count = 0; count < 64; count += 1) reader.push(line);
    },
    { code: "API_TOO_LARGE" },
  );
});
