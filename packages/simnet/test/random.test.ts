/** Chance that can be repeated. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "@ropewalk/simnet/random";
import fc from "fast-check";

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.unit());
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("the same seed and name give the same numbers, others give others", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      assert.deepEqual(draw(new Random(seed, "a"), 20), draw(new Random(seed, "a"), 20));
      assert.notDeepEqual(draw(new Random(seed, "a"), 20), draw(new Random(seed, "b"), 20));
      assert.notDeepEqual(draw(new Random(seed), 20), draw(new Random((seed + 1) >>> 0), 20));
    }),
  );
});

test("a fork depends on its names alone, not on what was drawn before or beside it", () => {
  const early = new Random(7).fork("link");
  const random = new Random(7);
  draw(random, 100);
  random.fork("another");
  assert.deepEqual(draw(random.fork("link"), 20), draw(early, 20));
  assert.notDeepEqual(draw(new Random(7).fork("x").fork("y"), 5), draw(new Random(7).fork("y").fork("x"), 5));
});

test("the generator is xoshiro128**, as its authors publish it", () => {
  // The reference code in integers of any size, with the state that splitmix32 gives for seed 0 and no name.
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const state = [...splitmix32(BigInt(0x811c9dc5))];
  const [a, b, c, d] = state.slice(0, 4);
  assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
  const s: [bigint, bigint, bigint, bigint] = [a, b, c, d];
  const next = () => {
    const result = (rotl((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
    return Number(result) / 2 ** 32;
  };
  assert.deepEqual(draw(new Random(0), 50), Array.from({ length: 50 }, next));
});

function* splitmix32(seed: bigint): Generator<bigint> {
  const mask = 0xffffffffn;
  for (let index = 1n; index <= 4n; index += 1n) {
    let z = (seed + index * 0x9e3779b9n) & mask;
    z = ((z ^ (z >> 16n)) * 0x21f0aaadn) & mask;
    z = ((z ^ (z >> 15n)) * 0x735a2d97n) & mask;
    yield z ^ (z >> 15n);
  }
}

test("means and shares come out as asked", () => {
  const random = new Random(3);
  const mean = (next: () => number) => Array.from({ length: 200_000 }, next).reduce((a, b) => a + b) / 200_000;
  assert.ok(Math.abs(mean(() => random.unit()) - 0.5) < 0.005);
  assert.ok(Math.abs(mean(() => random.between(10, 20)) - 15) < 0.05);
  assert.ok(Math.abs(mean(() => random.exponential(8)) - 8) < 0.1);
  assert.ok(Math.abs(mean(() => (random.isLucky(0.02) ? 1 : 0)) - 0.02) < 0.002);
  assert.ok(Math.abs(mean(() => random.below(4)) - 1.5) < 0.02);
});

test("what is no seed is refused", () => {
  for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) assert.throws(() => new Random(seed), /is no seed/);
});
