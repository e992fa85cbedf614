/** Two sets find in what they differ, with few symbols for each element, and whoever makes symbols up is not followed for long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CodedSymbol,
  RatelessDecoder,
  RatelessEncoder,
} from "@ropewalk/mesh/pure/messages/reconcile/rateless-table";
import { sipKey } from "@ropewalk/mesh/pure/protection/sip-hash";
import { Random } from "@ropewalk/simnet/random";
import fc from "fast-check";
import { named, type TwoSets, twoSets, without } from "./element-rows.ts";

const keyOf = (seed: number) => {
  const random = new Random(seed, "key");
  return sipKey(Uint8Array.from({ length: 16 }, () => random.below(256)));
};

/** Symbols of the other set, one after the other, until `one` has found all; undefined: not within `most`. */
function symbolsUntilFound(seed: number, { one, other }: TwoSets, most: number): RatelessDecoder | undefined {
  const key = keyOf(seed);
  const encoder = new RatelessEncoder(key, other, other.length / 2);
  const decoder = new RatelessDecoder(key, one, other.length / 2);
  while (decoder.length < most && decoder.decoding === "incomplete")
    decoder.take(encoder.symbols(decoder.length, decoder.length + 1));
  return decoder.decoding === "complete" ? decoder : undefined;
}

const sizes = fc.record({
  seed: fc.nat(0xffff_ffff),
  ...{ common: fc.nat(200), inOne: fc.nat(60), inOther: fc.nat(60) },
});

test("each end's elements that the other lacks are found, and no others", () => {
  fc.assert(
    fc.property(sizes, ({ seed, common, inOne, inOther }) => {
      const sets = twoSets(seed, common, inOne, inOther);
      const found = symbolsUntilFound(seed, sets, 1_000);
      assert.ok(found);
      assert.deepEqual(named(found.theirs), without(sets.other, sets.one));
      assert.deepEqual(named(found.ours), without(sets.one, sets.other));
    }),
    { numRuns: 300 },
  );
});

test("symbols in one portion, or each alone, show the same", () => {
  const sets = twoSets(1, 500, 30, 30);
  const encoder = new RatelessEncoder(keyOf(1), sets.other, 530);
  const alone = symbolsUntilFound(1, sets, 1_000);
  const whole = new RatelessDecoder(keyOf(1), sets.one, 530);
  assert.equal(whole.take(encoder.symbols(0, alone?.length ?? 0)), "complete");
  assert.deepEqual(named(whole.theirs), named(alone?.theirs ?? new Uint32Array()));
  assert.deepEqual(encoder.symbols(7, 9), new RatelessEncoder(keyOf(1), sets.other, 530).symbols(0, 9).slice(7));
});

test("sets that are the same take one symbol, however large they are", () => {
  const { one } = twoSets(2, 5_000, 0, 0);
  assert.equal(symbolsUntilFound(2, { one, other: one }, 1)?.length, 1);
});

test("a difference of a hundred takes 1.35 to 1.5 symbols an element on the average, and none takes twice as many", () => {
  const taken = Array.from({ length: 200 }, (_, seed) => symbolsUntilFound(seed, twoSets(seed, 100, 50, 50), 200));
  const lengths = taken.map((found) => found?.length ?? Number.POSITIVE_INFINITY);
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  assert.ok(average > 135 && average < 150, `${average}`);
});

test("how much differs is known before any of it is found", () => {
  for (const differing of [100, 1_000, 10_000]) {
    const [seeds, symbols] = [20, 64];
    const estimates = Array.from({ length: seeds }, (_, seed) => {
      const { one, other } = twoSets(seed, 1_000, differing / 2, differing / 2);
      const told = other.length / 2;
      const decoder = new RatelessDecoder(keyOf(seed), one, told);
      assert.equal(decoder.take(new RatelessEncoder(keyOf(seed), other, told).symbols(0, symbols)), "incomplete");
      return decoder.estimate / differing;
    });
    const average = estimates.reduce((sum, share) => sum + share, 0) / seeds;
    assert.ok(average > 0.9 && average < 1.1, `${differing}: ${average}`);
    assert.ok(Math.min(...estimates) > 0.45 && Math.max(...estimates) < 1.8, `${differing}: ${estimates}`);
  }
});

test("that many differ at least is known with little doubt, and not only of a few", () => {
  const { one, other } = twoSets(9, 1_000, 2_000, 2_000);
  const decoder = new RatelessDecoder(keyOf(9), one, 3_000);
  decoder.take(new RatelessEncoder(keyOf(9), other, 3_000).symbols(0, 64));
  assert.ok(decoder.leastEstimate > 2_000 && decoder.leastEstimate < 0.9 * decoder.estimate);
});

test("without any symbol nothing is known, not even of two sets that are empty", () => {
  const decoder = new RatelessDecoder(keyOf(9), new Uint32Array(), 0);
  assert.equal(decoder.take([]), "incomplete");
  assert.equal(decoder.take(new RatelessEncoder(keyOf(9), new Uint32Array(), 0).symbols(0, 1)), "complete");
});

test("where one set has all of the other, its surplus is the estimate from the first symbol on", () => {
  const { one, other } = twoSets(3, 100, 0, 40);
  const decoder = new RatelessDecoder(keyOf(3), one, 140);
  decoder.take(new RatelessEncoder(keyOf(3), other, 140).symbols(0, 1));
  assert.equal(decoder.estimate, 40);
});

test("symbols under another key show nothing of the other set, and never all, even if there are many", () => {
  const { one, other } = twoSets(4, 100, 2, 2);
  const decoder = new RatelessDecoder(keyOf(4), one, 102);
  assert.equal(decoder.take(new RatelessEncoder(keyOf(5), other, 102).symbols(0, 500)), "incomplete");
  assert.equal(decoder.theirs.length, 0);
});

test("a symbol with fewer elements than none is of no set", () => {
  const decoder = new RatelessDecoder(keyOf(6), new Uint32Array(), 10);
  assert.equal(decoder.take([{ high: 0, low: 0, check: 0, deviation: -11 }]), "faulty");
  assert.equal(decoder.take([{ high: 0, low: 0, check: 0, deviation: 0 }]), "faulty", "and stays so");
});

test("symbols that put each other's element back are left when each has shown one", () => {
  const { one } = twoSets(7, 1, 0, 0);
  const honest = new RatelessEncoder(keyOf(7), one, 1).symbols(0, 50);
  const empty = ({ high, low }: CodedSymbol) => high === 0 && low === 0;
  const second = honest.findIndex((symbol, index) => index > 0 && !empty(symbol));
  assert.ok(second > 0, "the element comes to another symbol");
  const nothing = { high: 0, low: 0, check: 0, deviation: 0 };
  const decoder = new RatelessDecoder(keyOf(7), new Uint32Array(), 1);
  assert.equal(decoder.take(honest.map((symbol, index) => (index === second ? nothing : symbol))), "faulty");
  assert.equal((decoder.theirs.length + decoder.ours.length) / 2, 50);
});

test("symbols that nobody made of anything end, whatever they are", () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const symbol = fc.record({ high: word, low: word, check: word, deviation: fc.integer({ min: -3, max: 3 }) });
  fc.assert(
    fc.property(fc.array(symbol, { minLength: 1, maxLength: 80 }), (symbols) => {
      const decoder = new RatelessDecoder(keyOf(8), twoSets(8, 20, 0, 0).one, 20);
      decoder.take(symbols);
      assert.ok(decoder.theirs.length + decoder.ours.length <= 2 * symbols.length);
    }),
  );
});
