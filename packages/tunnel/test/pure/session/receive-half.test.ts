import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { CreditBudget } from "@ropewalk/tunnel/pure/session/credit-budget";
import { ReceiveHalf } from "@ropewalk/tunnel/pure/session/receive-half";

const largest = 1_048_576;
const at = millis;

/** One of a session that has 8 MiB for 16 streams, opened at 0. */
function fresh(): { readonly budget: CreditBudget; readonly receive: ReceiveHalf } {
  const budget = new CreditBudget({ credit: 8_388_608, mostStreams: 16 });
  const receive = new ReceiveHalf(at(0), budget.open() ?? assert.fail(), budget);
  return { budget, receive };
}

function fill(receive: ReceiveHalf): number {
  const length = receive.limit - receive.total;
  receive.arrive(receive.total, new Uint8Array(length));
  return length;
}

test("octets come once: those that were there are passed over, be it some of a frame or all", () => {
  const { receive } = fresh();
  assert.deepEqual(receive.arrive(0, Uint8Array.of(1, 2, 3)), Uint8Array.of(1, 2, 3));
  assert.equal(receive.arrive(0, Uint8Array.of(1, 2, 3)), "known");
  assert.equal(receive.arrive(1, Uint8Array.of(2)), "known");
  assert.deepEqual(receive.arrive(1, Uint8Array.of(2, 3, 4)), Uint8Array.of(4));
  assert.equal(receive.received, 4);
});

test("octets behind a gap, beyond the limit or beyond the end are told apart", () => {
  const { receive } = fresh();
  assert.equal(receive.arrive(1, Uint8Array.of(2)), "gap");
  assert.equal(receive.arrive(16_383, Uint8Array.of(1, 2)), "broken");
  receive.arrive(0, Uint8Array.of(1, 2));
  assert.equal(receive.end(3), "gap");
  assert.equal(receive.end(1), "broken");
  assert.equal(receive.end(2), "new");
  assert.equal(receive.end(2), "known");
  assert.equal(receive.end(3), "broken");
  assert.equal(receive.arrive(2, Uint8Array.of(3)), "broken");
  assert.equal(receive.arrive(0, Uint8Array.of(1, 2)), "known");
  assert.equal(receive.received, 3);
});

test("the last octet that may come is the one before the limit", () => {
  const { receive } = fresh();
  assert.ok(receive.arrive(0, new Uint8Array(16_384)) instanceof Uint8Array);
  assert.equal(receive.arrive(16_384, Uint8Array.of(1)), "broken");
});

test("credit is due when half of the window was taken, and then the whole is there again", () => {
  const { receive } = fresh();
  fill(receive);
  assert.equal(receive.take(8191), false);
  assert.equal(receive.take(1), true);
  assert.equal(receive.grant(at(5000), at(1), largest), 8192 + 16_384);
});

test("no more can be taken than has come", () => {
  const { receive } = fresh();
  receive.arrive(0, Uint8Array.of(1));
  assert.throws(() => receive.take(2), /taken/);
});

test("a window doubles while it is taken within two round trips, and not beyond the largest", () => {
  const { receive } = fresh();
  let now = 0;
  const windows: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    receive.take(fill(receive));
    now += 100;
    receive.grant(at(now), at(50), 300_000);
    windows.push(receive.window);
  }
  assert.deepEqual(windows.slice(0, 6), [32_768, 65_536, 131_072, 262_144, 300_000, 300_000]);
});

test("a window that is taken more slowly stays as it is", () => {
  const { receive } = fresh();
  receive.take(fill(receive));
  receive.grant(at(101), at(50), largest);
  assert.equal(receive.window, 16_384);
});

test("a window does not grow beyond its share of what is left: there is something for the next", () => {
  const { budget, receive } = fresh();
  const others = Array.from({ length: 15 }, () => new ReceiveHalf(at(0), budget.open() ?? assert.fail(), budget));
  for (const half of [receive, ...others])
    for (let round = 0; round < 12; round += 1) {
      half.take(fill(half));
      half.grant(at(1), at(50), 64 * largest);
    }
  assert.ok(budget.free > 0);
  assert.ok(budget.promised <= 8_388_608);
});

test("a window that was not used for long is halved, but never below what was promised, nor the first window", () => {
  const { budget, receive } = fresh();
  receive.widen(1_000_000);
  receive.take(fill(receive));
  const free = budget.free;
  receive.grant(at(10_001), at(50), largest);
  assert.equal(receive.window, 508_192);
  assert.equal(budget.free, free + 508_192);
  assert.equal(receive.limit, receive.total + receive.window);
  for (let now = 20_002; now < 200_000; now += 10_001) {
    receive.take(fill(receive));
    receive.grant(at(now), at(50), largest);
  }
  assert.equal(receive.window, 65_536);
});

test("what was promised is not taken back", () => {
  const { receive } = fresh();
  receive.widen(1_000_000);
  const { limit } = receive;
  receive.arrive(0, new Uint8Array(100));
  receive.take(100);
  receive.grant(at(20_000), at(50), largest);
  assert.ok(receive.limit >= limit);
  assert.ok(receive.window >= receive.limit - 100);
});

test("at the end, what was set aside for more is free, and no credit is given any more", () => {
  const { budget, receive } = fresh();
  receive.widen(500_000);
  receive.arrive(0, new Uint8Array(100_000));
  assert.equal(receive.end(100_000), "new");
  assert.equal(budget.promised, 100_000);
  assert.equal(receive.take(100_000), false);
  receive.widen(500_000);
  assert.equal(budget.promised, 100_000);
  assert.ok(receive.isTaken);
  receive.release();
  assert.equal(budget.promised, 0);
});

test("a stream that is passed over keeps no more than its place", () => {
  const { budget, receive } = fresh();
  receive.widen(500_000);
  receive.retire();
  assert.equal(budget.promised, 16_384);
});

test("streams have their first window whatever the others have, and no more than there may be are opened", () => {
  const budget = new CreditBudget({ credit: 65_536, mostStreams: 4 });
  const windows = Array.from({ length: 4 }, () => budget.open() ?? assert.fail());
  assert.deepEqual(windows, [8192, 8192, 8192, 8192]);
  assert.equal(budget.open(), undefined);
  assert.equal(budget.take(100_000), 8192);
  budget.close(8192 + 8192);
  assert.equal(budget.open(), 8192);
  assert.equal(budget.promised, 32_768);
  for (let count = 0; count < 4; count += 1) budget.close(8192);
  assert.throws(() => budget.close(8192), /closed/);
});
