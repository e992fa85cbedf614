/** Token buckets: what they let through, and that no order of questions gets more out of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenBucket } from "@ropewalk/kernel/token-bucket";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";

const taken = (bucket: TokenBucket, at: number, asked: number) =>
  Array.from({ length: asked }).filter(() => bucket.take(millis(at))).length;

test("a bucket gives its burst at once, then what the time has filled, and saves up no more than its burst", () => {
  const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, millis(1000));
  assert.equal(taken(bucket, 1000, 10), 3);
  assert.equal(taken(bucket, 1499, 10), 0);
  assert.equal(taken(bucket, 1500, 10), 1);
  assert.equal(taken(bucket, 900_000, 10), 3);
});

test("several tokens are taken together or not at all", () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 5 }, millis(0));
  assert.equal(bucket.take(millis(0), 4), true);
  assert.equal(bucket.take(millis(0), 2), false);
  assert.equal(bucket.available(millis(0)), 1);
  assert.equal(bucket.take(millis(1000), 2), true);
  assert.equal(bucket.take(millis(1000), Number.NaN), false);
});

test("it says when so many can be taken, and that more than its burst never can", () => {
  const bucket = new TokenBucket({ perSecond: 3, burst: 4 }, millis(0));
  assert.equal(bucket.readyAt(millis(0), 2), 0);
  bucket.take(millis(0), 4);
  const at = bucket.readyAt(millis(0), 2);
  assert.equal(at, 667);
  assert.equal(bucket.readyAt(millis(0), 5), undefined);
  assert.equal(bucket.take(millis(666), 2), false);
  assert.equal(bucket.take(millis(667), 2), true);
  const still = new TokenBucket({ perSecond: 0, burst: 1 }, millis(0));
  still.take(millis(0));
  assert.equal(still.readyAt(millis(0)), undefined);
});

test("time that runs backwards neither fills nor empties", () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 3 }, millis(5000));
  assert.equal(bucket.take(millis(0), 3), true);
  assert.equal(bucket.available(millis(5000)), 0);
});

test("what is no rate is refused", () => {
  for (const rate of [
    { perSecond: -1, burst: 1 },
    { perSecond: 1, burst: Number.NaN },
    { perSecond: Number.POSITIVE_INFINITY, burst: 1 },
  ]) {
    assert.throws(() => new TokenBucket(rate, millis(0)), { code: "INTERNAL" });
  }
});

test("in whatever order and at whatever times it is asked, it gives no more than its burst and its rate over the time", () => {
  fc.assert(
    fc.property(
      fc.record({ perSecond: fc.integer({ min: 0, max: 1000 }), burst: fc.integer({ min: 0, max: 100 }) }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 50 })), {
        maxLength: 100,
        size: "max",
      }),
      (rate, asked) => {
        const bucket = new TokenBucket(rate, millis(0));
        const given = asked.reduce((sum, [at, count]) => (bucket.take(millis(at), count) ? sum + count : sum), 0);
        const latest = Math.max(0, ...asked.map(([at]) => at));
        assert.ok(given <= rate.burst + (latest / 1000) * rate.perSecond + 1e-6);
      },
    ),
  );
});
