import assert from "node:assert/strict";
import { test } from "node:test";
import { cutFrame, type Frame, type Pending } from "@ropewalk/tunnel/pure/handshake/message-reader";
import fc from "fast-check";

const all = () => undefined;

function read(chunks: readonly Uint8Array[]): { readonly frames: readonly Frame[]; readonly pending: Pending } {
  const frames: Frame[] = [];
  let pending: Pending = [];
  for (const chunk of chunks) {
    let bytes = chunk;
    for (;;) {
      const cut = cutFrame(pending, bytes, all);
      if (cut.kind !== "frame") {
        pending = cut.kind === "more" ? cut.pending : assert.fail();
        break;
      }
      frames.push(cut.frame);
      [pending, bytes] = [[], cut.rest];
    }
  }
  return { frames, pending };
}

const encoded = (type: number, body: Uint8Array) =>
  Buffer.concat([Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 255, body.length & 255), body]);

test("however a stream is cut, the same messages come out", () => {
  const message = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(2_000), { maxLength: 12 }), (messages, cuts) => {
      const stream = Buffer.concat(messages.map(([type, body]) => encoded(type, body)));
      const places = [0, ...cuts.filter((cut) => cut < stream.length).toSorted((a, b) => a - b), stream.length];
      const chunks = places.slice(1).map((place, index) => stream.subarray(places[index], place));
      const { frames, pending } = read(chunks);
      assert.deepEqual(
        frames.map(({ type, body }) => [type, Buffer.from(body)]),
        messages.map(([type, body]) => [type, Buffer.from(body)]),
      );
      assert.equal(pending.length, 0);
    }),
  );
});

test("half a megabyte that comes octet by octet is kept in few pieces", () => {
  let pending: Pending = [];
  let pieces = 0;
  for (const octet of encoded(2, new Uint8Array(100_000)).subarray(0, -1)) {
    const cut = cutFrame(pending, Uint8Array.of(octet), all);
    pending = cut.kind === "more" ? cut.pending : assert.fail();
    pieces = Math.max(pieces, pending.length);
  }
  assert.ok(pieces <= 17, `${pieces}`);
});

test("what may not come is refused at its header, with the reason given", () => {
  const cut = cutFrame([Uint8Array.of(9, 0)], Uint8Array.of(1, 2), (type, length) => {
    return type === 9 && length === 258 ? "unexpected-message" : undefined;
  });
  assert.deepEqual(cut, { kind: "refused", reason: "unexpected-message" });
});
