/** What a demo says of a call and a download, from records written by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { Packet } from "@ropewalk/lab/packet-record";
import { callFigures, downloadFigures, megabitsPerSecond } from "../../src/demo/pure/figures.ts";

const ms = (value: number) => BigInt(value) * 1_000_000n;

/** Comes back 1 ms after it was sent; packet n was sent at n times 20 ms. */
function reply(number: number, backAt = number * 20 + 1): Packet {
  return { number, sentAt: ms(number * 20), arrivedAt: ms(backAt), address: ipAddress("198.19.0.2") };
}

test("a call's silence and losses are those since the moment, with the gap in which it lies", () => {
  const replies = [0, 3, 4, 5, 9, 10, 11].map((number) => reply(number));
  assert.deepEqual(callFigures(replies, ms(110), ms(222)), { longestSilenceMs: 80, lost: 3, answered: 4 });
  assert.deepEqual(callFigures(replies, ms(0), ms(222)), { longestSilenceMs: 80, lost: 5, answered: 7 });
});

test("a call that is dead is silent until now", () => {
  assert.deepEqual(callFigures([reply(0), reply(1)], ms(10), ms(5_021)), {
    ...{ longestSilenceMs: 5_000, lost: 0, answered: 2 },
  });
  assert.deepEqual(callFigures([], ms(10), ms(30)), { longestSilenceMs: 20, lost: 0, answered: 0 });
});

test("a download's pauses and breaks are those that ended behind the moment", () => {
  const pauses = [
    { from: ms(10), to: ms(90) },
    { from: ms(95), to: ms(130) },
    { from: ms(200), to: ms(225) },
  ];
  const breaks = [
    { reason: "ECONNRESET", at: ms(50) },
    { reason: "ECONNABORTED", at: ms(120) },
  ];
  assert.deepEqual(downloadFigures({ pauses, breaks }, ms(100)), { longestPauseMs: 35, broken: ["ECONNABORTED"] });
  assert.deepEqual(downloadFigures({ pauses, breaks }, ms(300)), { longestPauseMs: 0, broken: [] });
});

test("a rate is what came between two moments", () => {
  const counts = [100, 200, 300].map((at) => ({ total: at * 1_000, at: ms(at) }));
  assert.equal(megabitsPerSecond(counts, ms(100), ms(300)), 8);
  assert.equal(megabitsPerSecond(counts, ms(300), ms(900)), 0, "nothing came any more");
  assert.equal(megabitsPerSecond(counts, ms(300), ms(300)), 0);
  assert.equal(megabitsPerSecond([], ms(0), ms(300)), 0);
});
