/** Two neighbours' stores meet: what each lacks is found for few octets, whoever begins, and in slices where there is much of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { elementsOf, standingsOf } from "@ropewalk/mesh/pure/messages/reconcile/element";
import { RatelessEncoder } from "@ropewalk/mesh/pure/messages/reconcile/rateless-table";
import { sipKey } from "@ropewalk/mesh/pure/protection/sip-hash";
import { type TwoSets, twoSets } from "./element-rows.ts";
import { exchange, higher, MeetingEnd, MeetingPair, type PairOptions } from "./meeting-pair.ts";

const pairOf = ({ one, other }: TwoSets, options?: PairOptions) => new MeetingPair(one, other, options);
const heldIn = (elements: Uint32Array) => standingsOf(elements).held;
const missing = (elements: Uint32Array, others: Uint32Array) => {
  const known = new Set(heldIn(others));
  return heldIn(elements)
    .filter((stem) => !known.has(stem))
    .toSorted();
};

/** Of 10,000 each: what one has alone, what the other has alone, and the octets that a meeting may take, both ways. */
const costs: readonly (readonly [number, number, number])[] = [
  [0, 0, 90],
  [1, 0, 160],
  [0, 1, 160],
  [1, 1, 350],
  [50, 50, 3_000],
  [100, 0, 3_000],
  [0, 100, 3_600],
  [99, 1, 3_000],
  [1, 99, 3_600],
  [500, 500, 26_000],
];

for (const [inLow, inHigh, most] of costs) {
  test(`${inLow} and ${inHigh} of 10,000 take at most ${most} octets both ways, and are all found`, () => {
    for (let seed = 0; seed < 4; seed += 1) {
      const sets = twoSets(seed, 10_000 - Math.max(inLow, inHigh), inLow, inHigh);
      const pair = pairOf(sets, { seed });
      (seed % 2 === 0 ? pair.low : pair.high).begin();
      pair.settle();
      assert.equal(pair.low.ended, "met");
      assert.equal(pair.high.ended, "met");
      assert.deepEqual(pair.low.given.held.toSorted(), missing(sets.one, sets.other));
      assert.deepEqual(pair.high.given.held.toSorted(), missing(sets.other, sets.one));
      assert.ok(pair.octets <= most, `${pair.octets} octets with seed ${seed}`);
    }
  });
}

test("stores that differ in everything meet slice by slice, for at most 30 octets an element in all", () => {
  const sets = twoSets(1, 0, 5_000, 5_000);
  const pair = pairOf(sets);
  let [meetings, most, before] = [0, 0, 0];
  do {
    assert.ok(meetings < 100, "they are never done");
    exchange(pair.low, pair.high);
    (meetings % 2 === 0 ? pair.low : pair.high).begin(meetings * 10_000);
    pair.settle(meetings * 10_000);
    assert.deepEqual([pair.low.ended, pair.high.ended], ["met", "met"]);
    most = Math.max(most, pair.octets - before);
    before = pair.octets;
    meetings += 1;
  } while (pair.low.outcomes.length + pair.high.outcomes.length > 2 || pair.low.elements?.length !== 20_000);
  assert.deepEqual(heldIn(pair.low.elements).toSorted(), heldIn(pair.high.elements ?? new Uint32Array()).toSorted());
  assert.ok(most < 40_000, `${most} octets in one meeting`);
  assert.ok(pair.octets < 300_000, `${pair.octets} octets in ${meetings} meetings`);
});

test("an empty store learns of all that the other has, and the other of nothing", () => {
  const { one } = twoSets(2, 0, 300, 0);
  for (const [low, high] of [
    [one, new Uint32Array()],
    [new Uint32Array(), one],
  ] as const) {
    const pair = new MeetingPair(low, high);
    pair.low.begin();
    pair.settle();
    assert.deepEqual(pair.low.given.held.toSorted(), missing(low, high));
    assert.deepEqual(pair.high.given.held.toSorted(), missing(high, low));
    assert.equal(pair.octets, 2 * 17, "a begin and its answer");
    for (const end of [pair.low, pair.high])
      assert.deepEqual(end.outcomes.at(-1), { kind: "met", wanted: 0, left: false });
  }
});

test("of what an empty store lacks it is given as much as the limit says, and finds the rest when it has something", () => {
  const pair = new MeetingPair(new Uint32Array(), twoSets(3, 0, 0, 700).other);
  for (const now of [0, 1]) {
    pair.low.begin(now);
    pair.settle(now);
    exchange(pair.low, pair.high);
  }
  assert.equal(pair.low.elements?.length, 2 * 700);
});

test("whoever begins, or both at once: the lower address leads, and each finds the same", () => {
  const sets = twoSets(3, 200, 7, 5);
  const begins = [["low"], ["high"], ["low", "high"], ["high", "low"]] as const;
  for (const first of begins) {
    const pair = pairOf(sets);
    for (const end of first) pair[end].begin();
    pair.settle();
    assert.equal(pair.low.given.held.length, 7, first.join());
    assert.equal(pair.high.given.held.length, 5, first.join());
    assert.deepEqual(pair.low.outcomes.filter(({ kind }) => kind === "met").length, 1);
    assert.deepEqual(pair.high.outcomes.filter(({ kind }) => kind === "met").length, 1);
    assert.ok(pair.low.meeting.isIdle && pair.high.meeting.isIdle);
  }
});

test("what is held is compared apart from what is proved, and it is told of which the other end has the proof", () => {
  const [held, proved] = ["0000000000000010", "0000000000000020"];
  const other = ["00000000000000f0"];
  const pair = new MeetingPair(
    elementsOf({ held: [held, ...other], proved: [proved] }),
    elementsOf({ held: [proved, ...other], proved: [held] }),
  );
  pair.low.begin();
  pair.settle();
  assert.deepEqual(pair.low.given, { held: [held], proved: [proved] });
  assert.deepEqual(pair.high.given, { held: [proved], proved: [held] });
  assert.deepEqual(
    pair.low.outcomes.flatMap((outcome) => (outcome.kind === "give" ? outcome.proofs : [])),
    [held],
  );
});

test("a proof of what the other never held is given too, and so is an envelope: that of a tag whatever its lowest bit", () => {
  const pair = new MeetingPair(
    elementsOf({ held: ["8000000000000011"], proved: ["8000000000000023"] }),
    elementsOf({ held: [], proved: [] }),
  );
  pair.high.begin();
  pair.settle();
  assert.deepEqual(pair.low.given, { held: ["8000000000000010"], proved: ["8000000000000022"] });
});

test("frames are no longer than the link carries, and what one frame cannot ask for waits for the next meeting", () => {
  const sets = twoSets(4, 100, 20, 40);
  const pair = pairOf(sets, { mtu: 64 });
  pair.low.begin();
  pair.settle();
  assert.equal(pair.low.given.held.length, 20);
  assert.equal(pair.high.given.held.length, 7);
  assert.deepEqual(pair.low.outcomes.at(-1), { kind: "met", wanted: 7, left: true });
  let meetings = 1;
  for (; pair.low.elements?.length !== 320; meetings += 1) {
    assert.ok(meetings < 10);
    exchange(pair.low, pair.high);
    pair.low.begin();
    pair.settle();
  }
  assert.equal(meetings, 7);
});

test("no more is given in one meeting than the limit says, proofs first", () => {
  const stems = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => (2 * (from + index)).toString(16).padStart(16, "0"));
  const [held, proved] = [stems(0, 30), stems(100, 5)];
  const common = stems(1_000, 1);
  const all = elementsOf({ held: [...held, ...common], proved });
  const few = elementsOf({ held: common, proved: [] });
  for (const [low, high] of [
    [all, few],
    [few, all],
  ] as const) {
    const pair = new MeetingPair(low, high, { limits: { mostGiven: 12 } });
    pair.low.begin();
    pair.settle();
    const giving = low === all ? pair.low : pair.high;
    assert.deepEqual([giving.given.held.length, giving.given.proved.length], [7, 5]);
    assert.ok(giving.outcomes.some((outcome) => outcome.kind === "met" && outcome.left));
  }
});

test("no more proofs are given than the limit says either", () => {
  const proved = Array.from({ length: 20 }, (_, index) => (2 * index).toString(16).padStart(16, "0"));
  const common = ["00000000000ff000"];
  const [low, high] = [
    { held: ["0000000000000f00", ...common], proved },
    { held: common, proved: [] },
  ].map(elementsOf);
  const pair = new MeetingPair(low, high, { limits: { mostGiven: 12 } });
  pair.low.begin();
  pair.settle();
  assert.deepEqual([pair.low.given.held.length, pair.low.given.proved.length], [0, 12]);
});

test("the following end's symbols are those of the slice, under the key of both nonces, the leading end's first", () => {
  const elements = twoSets(7, 400, 0, 0).one;
  const end = new MeetingEnd(higher, elements);
  const nonce = Uint8Array.of(0xa0, 1, 2, 3, 4, 5, 6, 7);
  end.hear({ kind: "begin", nonce, count: 300, slice: 2 });
  const [answer, said] = [end.next(), end.next()];
  assert.ok(answer?.kind === "answer" && said?.kind === "symbols");
  assert.deepEqual([answer.count, answer.slice], [400, 0]);
  const slice = Array.from({ length: 400 }, (_, index) => elements.slice(2 * index, 2 * index + 2))
    .filter(([high = 0]) => high >>> 30 === 0b10)
    .flatMap((element) => [...element]);
  const encoder = new RatelessEncoder(sipKey(joined(nonce, answer.nonce)), Uint32Array.from(slice), 100);
  // Of 75 and 100 elements in the slice.
  assert.deepEqual(said.symbols, encoder.symbols(0, 3 + 37));
});

test("that far too much differs is seen after few symbols", () => {
  const { one, other } = twoSets(8, 0, 10_000, 10_000);
  const pair = new MeetingPair(one, other);
  pair.low.begin();
  let symbols = 0;
  for (let begun = 0; begun < 2; ) {
    for (let next = pair.low.next(); next !== undefined; next = pair.low.next()) {
      if (next.kind === "begin") begun += 1;
      if (begun < 2) pair.high.hear(next);
    }
    for (let next = pair.high.next(); next !== undefined; next = pair.high.next()) {
      if (next.kind === "symbols") symbols += next.symbols.length;
      pair.low.hear(next);
    }
  }
  assert.ok(symbols <= 64, `${symbols} symbols`);
});

test("of a store beyond the limit a slice meets, another each time, until all has met", () => {
  const sets = twoSets(5, 4_000, 20, 20);
  const pair = pairOf(sets, { limits: { mostElements: 500 } });
  const sizes: number[] = [];
  for (let meeting = 0; meeting < 16; meeting += 1) {
    const now = meeting * 10_000;
    pair.low.begin(now);
    pair.settle(now);
    sizes.push(pair.low.given.held.length + pair.high.given.held.length);
    exchange(pair.low, pair.high);
  }
  assert.deepEqual(heldIn(pair.low.elements ?? new Uint32Array()).length, 4_040);
  assert.deepEqual(heldIn(pair.high.elements ?? new Uint32Array()).length, 4_040);
  assert.ok(Math.max(...sizes) < 25, `${sizes}: not all at once`);
});

test("a meeting of ten thousand elements each takes few turns", () => {
  const turns = [0, 1, 100, 1_000].map((differing) => {
    const pair = pairOf(twoSets(6, 10_000, Math.ceil(differing / 2), Math.floor(differing / 2)));
    pair.low.begin();
    return pair.settle();
  });
  assert.ok((turns[0] ?? 0) <= 3 && (turns[2] ?? 0) <= 13 && (turns[3] ?? 0) <= 15, `${turns}`);
});

test("many meetings with the smallest limits all come to the same end", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const sets = twoSets(seed, seed % 40, (seed * 7) % 30, (seed * 5) % 30);
    const pair = pairOf(sets, { seed });
    (seed % 3 === 0 ? pair.high : pair.low).begin();
    if (seed % 5 === 0) pair.high.begin();
    pair.settle();
    assert.deepEqual(pair.low.given.held.toSorted(), missing(sets.one, sets.other), `seed ${seed}`);
    assert.deepEqual(pair.high.given.held.toSorted(), missing(sets.other, sets.one), `seed ${seed}`);
  }
});
