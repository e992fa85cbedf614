import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { Draft } from "@ropewalk/tunnel/pure/session/draft";
import { copiedLength, SendHalf } from "@ropewalk/tunnel/pure/session/send-half";
import fc from "fast-check";

const much = 1_000_000;

/** As many of the pending octets as `most`, joined. */
function take(send: SendHalf, most = much): Uint8Array {
  const draft = new Draft();
  send.take(Math.min(most, send.pending), draft);
  const whole = joined(...draft.parts);
  assert.equal(whole.length, draft.length);
  return whole;
}

test("whatever is written in pieces, taken, acknowledged and taken again, is the same octets at the same offsets", () => {
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("write"), n: fc.oneof(fc.nat(300), fc.nat(9000)) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("take"), n: fc.oneof(fc.nat(300), fc.nat(20_000)) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("acknowledge"), n: fc.nat(20_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("rewind"), n: fc.nat(0) }) },
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120, size: "max" }), (acts) => {
      const send = new SendHalf(much * 10, much * 10);
      const model: number[] = [];
      let [acknowledged, ever] = [0, 0];
      for (const { kind, n } of acts) {
        const length = Math.min(n, send.pending);
        if (kind === "write") {
          const octets = Uint8Array.from({ length: n }, (_, index) => (model.length + index) * 7 + (index >> 8));
          send.write(octets);
          model.push(...octets);
        } else if (kind === "take") {
          const from = send.sent;
          assert.deepEqual(take(send, length), Uint8Array.from(model.slice(from, from + length)));
          ever = Math.max(ever, from + length);
        } else if (kind === "acknowledge") {
          acknowledged = Math.max(acknowledged, Math.min(n, ever));
          assert.ok(send.acknowledge(Math.min(n, ever)));
        } else {
          send.rewind();
          assert.equal(send.sent, acknowledged);
        }
        assert.equal(send.kept, model.length - acknowledged);
        assert.equal(send.pending, model.length - send.sent);
      }
    }),
  );
});

test("octets that are written in little pieces are copied, and go as one part", () => {
  const send = new SendHalf(much, much);
  const piece = new Uint8Array(10).fill(1);
  for (let count = 0; count < 20; count += 1) send.write(piece);
  piece.fill(2);
  const draft = new Draft();
  send.take(200, draft);
  assert.deepEqual(draft.parts, [new Uint8Array(200).fill(1)]);
});

test("a large piece is not copied", () => {
  const send = new SendHalf(much, much);
  const piece = new Uint8Array(copiedLength + 1);
  send.write(piece);
  const draft = new Draft();
  send.take(piece.length, draft);
  assert.equal(draft.parts[0], piece);
});

test("octets that the peer may not have are not overwritten by those behind them", () => {
  const send = new SendHalf(much, much);
  send.write(new Uint8Array(100).fill(1));
  take(send);
  assert.ok(send.acknowledge(50));
  send.write(new Uint8Array(100).fill(2));
  send.rewind();
  assert.deepEqual(take(send), joined(new Uint8Array(50).fill(1), new Uint8Array(100).fill(2)));
});

test("memory of what the peer has is used again: a message that is answered costs none", () => {
  const send = new SendHalf(much, much);
  const buffers = new Set<ArrayBufferLike>();
  for (let count = 1; count <= 50; count += 1) {
    send.write(new Uint8Array(64));
    const draft = new Draft();
    send.take(64, draft);
    for (const { buffer } of draft.parts) buffers.add(buffer);
    send.acknowledge(count * 64);
  }
  assert.equal(buffers.size, 1);
});

test("there is room for what the peer allows, and for no more than may be kept", () => {
  const send = new SendHalf(1000, 600);
  assert.equal(send.room, 600);
  send.write(new Uint8Array(600));
  assert.equal(send.room, 0);
  take(send);
  send.acknowledge(300);
  assert.equal(send.room, 300);
  send.write(new Uint8Array(300));
  take(send);
  send.acknowledge(900);
  assert.equal(send.room, 100);
  assert.equal(send.allow(900), false);
  assert.equal(send.room, 100);
  assert.equal(send.allow(2000), true);
  assert.equal(send.room, 600);
});

test("to write more than there is room for is a defect of who writes", () => {
  const send = new SendHalf(100, 100);
  assert.throws(() => send.write(new Uint8Array(101)), /room/);
  send.finish();
  assert.throws(() => send.write(new Uint8Array(1)), /room/);
});

test("the end is due behind the last octet, once, and again when it may be lost", () => {
  const send = new SendHalf(100, 100);
  send.write(new Uint8Array(10));
  send.finish();
  assert.equal(send.isEndDue, false);
  take(send);
  assert.equal(send.isEndDue, true);
  assert.equal(send.wasEndSent, false);
  assert.equal(send.takeEnd(), 10);
  assert.equal(send.isReady, false);
  assert.equal(send.wasEndSent, true);
  assert.ok(send.acknowledge(10));
  assert.equal(send.kept, 1);
  send.rewind();
  assert.equal(send.isEndDue, true);
  assert.ok(send.acknowledge(11));
  assert.equal(send.isReady, false);
  assert.equal(send.isTaken, true);
  assert.equal(send.kept, 0);
});

test("what was never sent cannot be acknowledged, nor an end that was not", () => {
  const send = new SendHalf(100, 100);
  send.write(new Uint8Array(10));
  take(send, 5);
  assert.equal(send.acknowledge(6), false);
  take(send);
  send.finish();
  assert.equal(send.acknowledge(11), false);
  assert.equal(send.kept, 11);
});

test("an acknowledgement that comes late, or from before a new lane, takes nothing back", () => {
  const send = new SendHalf(100, 100);
  send.write(new Uint8Array(10));
  take(send);
  send.acknowledge(8);
  send.acknowledge(3);
  assert.equal(send.kept, 2);
  send.rewind();
  assert.equal(send.sent, 8);
  send.acknowledge(10);
  assert.equal(send.pending, 0);
});

test("of what is discarded nothing is sent and nothing kept, but that its end was sent is known", () => {
  const send = new SendHalf(10_000, 10_000);
  send.write(new Uint8Array(9000));
  send.write(new Uint8Array(10));
  send.finish();
  take(send);
  send.takeEnd();
  send.rewind();
  send.discard();
  assert.deepEqual([send.isReady, send.kept, send.room, send.pending, send.wasEndSent], [false, 0, 0, 0, true]);
});

test("memory that was lent is given back once: when the peer has all of it, or with the stream", () => {
  const released: Uint8Array[] = [];
  const send = new SendHalf(much, much, (octets) => released.push(octets));
  const pieces: readonly Uint8Array[] = [5000, 6000, 7000].map((length) => new Uint8Array(length));
  for (const piece of pieces) send.write(piece);
  const lent = () => released.filter((octets) => pieces.includes(octets));
  take(send);
  send.acknowledge(10_999);
  assert.deepEqual(lent(), pieces.slice(0, 1));
  send.rewind();
  send.acknowledge(11_000);
  assert.deepEqual(lent(), pieces.slice(0, 2));
  send.discard();
  send.discard();
  assert.deepEqual(lent(), pieces);
});

test("of many pieces those that the peer has are let go of, and the others are as they were", () => {
  const send = new SendHalf(much, much);
  const piece = (value: number) => new Uint8Array(copiedLength + 1).fill(value);
  for (let value = 0; value < 200; value += 1) send.write(piece(value));
  take(send, 150 * (copiedLength + 1));
  for (let count = 1; count <= 130; count += 1) send.acknowledge(count * (copiedLength + 1));
  assert.deepEqual(take(send, copiedLength + 1), piece(150));
  send.rewind();
  assert.deepEqual(take(send, copiedLength + 1), piece(130));
  assert.equal(send.kept, 70 * (copiedLength + 1));
});

/** All that has not gone ahead, joined. */
function copyAhead(send: SendHalf): Uint8Array {
  const draft = new Draft();
  send.copyAhead(send.written - send.aheadFrom, draft);
  assert.ok(draft.parts.every(({ length }) => length > 0));
  return joined(...draft.parts);
}

test("what went ahead on a lane that is lost goes ahead again on the next, but for what the peer has", () => {
  const send = new SendHalf(much, much);
  const octets = Uint8Array.from({ length: 100 }, (_, index) => index);
  send.write(octets);
  assert.deepEqual(copyAhead(send), octets);
  assert.deepEqual(copyAhead(send), new Uint8Array());
  assert.ok(send.acknowledge(40));
  send.rewind();
  assert.equal(send.aheadFrom, 40);
  assert.deepEqual(copyAhead(send), octets.subarray(40));
});

test("what goes ahead begins behind what was sent and behind what went ahead, wherever pieces begin and end", () => {
  const send = new SendHalf(much, much);
  const octets = Uint8Array.from({ length: 300 }, (_, index) => index);
  for (let at = 0; at < 200; at += 50) {
    send.write(octets.subarray(at, at + 50));
    assert.deepEqual(copyAhead(send), octets.subarray(at, at + 50));
  }
  take(send, 120);
  assert.equal(send.aheadFrom, 200);
  send.write(octets.subarray(200));
  assert.deepEqual(copyAhead(send), octets.subarray(200));
  take(send, 180);
  send.write(octets.subarray(0, 1));
  assert.deepEqual(copyAhead(send), octets.subarray(0, 1));
});
