/** What gives way when a neighbour reads too slowly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { frameType } from "@ropewalk/mesh/pure/wire/link-frame";
import { SendQueue } from "@ropewalk/mesh/pure/wire/send-queue";
import fc from "fast-check";

const kinds = frameType;
const none = { announces: 0, low: 0, packets: 0, urgent: 0, emergencies: 0 };

/** 10 octets with the length that goes before it. */
function frame(kind: keyof typeof kinds, number: number): Uint8Array {
  return Uint8Array.of(kinds[kind], number, 0, 0, 0, 0, 0, 0);
}

/** "packet 3". */
function shown(frames: readonly Uint8Array[]): readonly string[] {
  const names = Object.entries(kinds);
  return frames.map(([kind, number]) => `${names.find(([, code]) => code === kind)?.[0]} ${number}`);
}

test("what fits goes out in order, at most so many octets at once", () => {
  const queue = new SendQueue(100);
  for (const [number, kind] of (["hello", "announce", "packet", "ping"] as const).entries())
    assert.ok(queue.push(frame(kind, number)));
  assert.deepEqual(shown(queue.take(25)), ["hello 0", "announce 1"]);
  assert.deepEqual(shown(queue.take(1)), ["packet 2"], "a frame that is longer goes alone");
  assert.deepEqual(shown(queue.take(100)), ["ping 3"]);
  assert.deepEqual(queue.take(100), []);
  assert.equal(queue.octets, 0);
});

test("the oldest announces give way first, then the oldest packets and traces, and all is counted", () => {
  const queue = new SendQueue(40);
  for (const [number, kind] of (["answer", "announce", "trace", "announce"] as const).entries())
    queue.push(frame(kind, number));
  queue.push(frame("announce", 4));
  queue.push(frame("packet", 5));
  queue.push(frame("packet", 6));
  queue.push(frame("withdraw", 7));
  assert.deepEqual(queue.dropped, { ...none, announces: 3, packets: 1 });
  assert.deepEqual(shown(queue.take(100)), ["trace 2", "packet 5", "packet 6", "withdraw 7"]);
});

test("an announce makes no packet give way: it is dropped itself", () => {
  const queue = new SendQueue(20);
  for (const number of [0, 1]) queue.push(frame("packet", number));
  assert.ok(queue.push(frame("announce", 2)));
  assert.deepEqual(queue.dropped, { ...none, announces: 1 });
  assert.deepEqual(shown(queue.take(100)), ["packet 0", "packet 1"]);
});

test("messages give way by their priority, whether they pass or are given, and proofs as urgent ones do", () => {
  const message = (number: number, priority: number) =>
    Uint8Array.of(kinds.message, number, 0, 0, 0, priority << 6, 0, 0, 0, 0, 0, 0);
  const deposit = (number: number, priority: number) =>
    Uint8Array.of(kinds.deposit, number, 0, 0, 0, 0, 0, 0, 0, priority << 6, 0, 0);
  const queue = new SendQueue(6 * 14);
  const frames = [message(0, 3), deposit(1, 2), message(2, 1), message(3, 0), deposit(4, 0), frame("proof", 5)];
  for (const one of frames) assert.ok(queue.push(one));
  assert.ok(queue.push(message(6, 0)), "low makes low give way");
  for (const number of [7, 8, 9]) assert.ok(queue.push(message(number, 2)));
  assert.deepEqual(queue.dropped, { ...none, low: 3, packets: 1 });
  assert.ok(queue.push(message(10, 1)), "usual makes nothing urgent give way");
  assert.deepEqual(queue.dropped, { ...none, low: 3, packets: 2 });
  assert.ok(queue.push(deposit(11, 3)));
  assert.ok(queue.push(deposit(12, 3)));
  const waiting = queue.take(1_000).map(([, number]) => number);
  assert.deepEqual([waiting, queue.dropped.urgent], [[0, 7, 8, 9, 11, 12], 2]);
});

test("however many messages, proofs and meetings wait, the link is not given up for them", () => {
  for (const kind of ["message", "proof", "deposit", "broadcast", "meeting"] as const) {
    const queue = new SendQueue(20);
    for (let number = 0; number < 5; number += 1) assert.ok(queue.push(frame(kind, number)), kind);
    assert.equal(queue.octets, 20);
  }
});

test("what keeps both ends in step is never dropped: where it alone fills the queue, the link is of no use", () => {
  const queue = new SendQueue(30);
  for (const [number, kind] of (["hello", "withdraw", "status"] as const).entries())
    assert.ok(queue.push(frame(kind, number)));
  assert.equal(queue.push(frame("ping", 3)), false);
  assert.deepEqual(shown(queue.take(100)), ["hello 0", "withdraw 1", "status 2"]);
});

test("however much is pushed and taken, order holds, the bound holds, and every frame is sent, dropped or waiting", () => {
  const act = fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])) }) },
    { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 60 }) }) },
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300 }), fc.integer({ min: 10, max: 200 }), (acts, most) => {
      const queue = new SendQueue(most);
      const taken: number[] = [];
      let pushed = 0;
      for (const [number, each] of acts.entries()) {
        if ("push" in each) {
          const one = Uint8Array.of(kinds[each.push], number >> 8, number & 255, 0, 0, 0, 0, 0);
          if (queue.push(one)) pushed += 1;
        } else taken.push(...queue.take(each.take).map(([, high = 0, low = 0]) => high * 256 + low));
        assert.ok(queue.octets <= most);
      }
      const waiting = queue.octets / 10;
      const before = taken.length;
      taken.push(...queue.take(1_000_000).map(([, high = 0, low = 0]) => high * 256 + low));
      assert.equal(taken.length - before, waiting);
      assert.equal(queue.octets, 0);
      const dropped = Object.values(queue.dropped).reduce((sum, count) => sum + count, 0);
      assert.equal(taken.length + dropped, pushed);
      assert.deepEqual(
        taken,
        taken.toSorted((one, other) => one - other),
      );
    }),
  );
});
