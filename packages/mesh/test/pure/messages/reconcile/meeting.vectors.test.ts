/** The vectors of docs/protocols/mesh-meeting.md: the code gives them, and so does what the text says, done by hand. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { elementsOf } from "@ropewalk/mesh/pure/messages/reconcile/element";
import { RatelessEncoder } from "@ropewalk/mesh/pure/messages/reconcile/rateless-table";
import { decodeMeeting, encodeMeeting, type MeetingSaid } from "@ropewalk/mesh/pure/messages/wire/meeting";
import { sipHash, sipKey } from "@ropewalk/mesh/pure/protection/sip-hash";

interface Vectors {
  readonly held: readonly string[];
  readonly proved: readonly string[];
  /** By element. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly walks: Readonly<Record<string, readonly number[]>>;
  readonly said: Readonly<Record<MeetingSaid["kind"], string>>;
}

const at = new URL("../../../../../../docs/protocols/mesh-meeting.md", import.meta.url);
const vectors: Vectors = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(readFileSync(at, "utf8"))?.[1] ?? "{}");
const counting = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => from + index);
const key = sipKey(counting(16));
const symbolsOf = 8;
const furthest = 4_096;

test("the code says what the specification says, and reads it so", () => {
  const elements = elementsOf(vectors);
  const encoder = new RatelessEncoder(key, elements, elements.length / 2);
  const said: readonly MeetingSaid[] = [
    { kind: "begin", nonce: counting(8), count: 10_000, slice: 0 },
    { kind: "answer", nonce: counting(8, 8), count: elements.length / 2, slice: 2 },
    { kind: "symbols", first: 0, symbols: encoder.symbols(0, symbolsOf) },
    { kind: "more", until: 135 },
    { kind: "done", wanted: elements },
    { kind: "over" },
  ];
  for (const one of said) {
    assert.equal(encodeMeeting(one).toHex(), vectors.said[one.kind], one.kind);
    assert.deepEqual(decodeMeeting(Uint8Array.fromHex(vectors.said[one.kind])), one);
  }
  assert.deepEqual(
    Object.keys(vectors.said),
    said.map(({ kind }) => kind),
  );
});

test("the code brings each element to the symbols of the specification, far as they may be", () => {
  for (const tags of [...vectors.held.map((tag) => [[tag], []]), ...vectors.proved.map((tag) => [[], [tag]])]) {
    const [held = [], proved = []] = tags;
    const symbols = new RatelessEncoder(key, elementsOf({ held, proved }), 0).symbols(0, furthest);
    const element = withBit([...held, ...proved].join(""), BigInt(proved.length));
    const walk = symbols.flatMap(({ deviation }, symbol) => (deviation === 1 ? [symbol] : []));
    assert.deepEqual(walk, vectors.walks[element]);
  }
});

test("elements, their hashes and where they come to, by hand, are the same", () => {
  const named = [...vectors.held.map((tag) => withBit(tag, 0n)), ...vectors.proved.map((tag) => withBit(tag, 1n))];
  assert.deepEqual(Object.keys(vectors.hashes), named);
  for (const element of named) {
    const hash = hashByHand(element);
    assert.equal(hash.toHex(), vectors.hashes[element]);
    assert.deepEqual(walkByHand(hash), vectors.walks[element]);
  }
});

test("symbols, put together by hand, are the same", () => {
  const elements = Object.keys(vectors.hashes);
  const symbols = Array.from({ length: symbolsOf }, (_, symbol) => {
    const here = elements.filter((element) => vectors.walks[element]?.includes(symbol));
    const sum = here.reduce((all, element) => all ^ BigInt(`0x${element}`), 0n);
    const check = here.reduce((all, element) => all ^ Number.parseInt(lowHalf(vectors.hashes[element] ?? ""), 16), 0);
    const deviation = here.length - Math.floor((2 * elements.length) / (symbol + 2));
    const written = deviation < 0 ? -2 * deviation - 1 : 2 * deviation;
    return hex(sum, 16) + hex(check >>> 0, 8) + hex(written, 2);
  });
  assert.equal(`0200000000${symbols.join("")}`, vectors.said.symbols);
});

test("what else is said, put together by hand, is the same", () => {
  const byHand = {
    begin: "01 0001020304050607 00002710 00",
    answer: "05 08090a0b0c0d0e0f 00000004 02",
    more: "04 00000087",
    done: `03 ${Object.keys(vectors.hashes).join("")}`,
    over: "06",
  };
  for (const [kind, text] of Object.entries(byHand))
    assert.equal(text.replaceAll(" ", ""), vectors.said[kind as MeetingSaid["kind"]], kind);
});

function withBit(tag: string, bit: bigint): string {
  return hex((BigInt(`0x${tag}`) & ~1n) | bit, 16);
}

function hashByHand(element: string): Uint8Array {
  const halves = new Uint32Array(2);
  sipHash(key, Uint8Array.fromHex(element), halves);
  return Uint8Array.from([0, 8, 16, 24, 32, 40, 48, 56], (shift) => (halves[shift >> 5] ?? 0) >>> (shift & 31));
}

function walkByHand(hash: Uint8Array): readonly number[] {
  const view = new DataView(hash.buffer);
  const word = (value: bigint) => BigInt.asUintN(32, value);
  const rotated = (value: bigint, by: bigint) => word((value << by) | (value >> (32n - by)));
  let [s, t] = [BigInt(view.getUint32(0, true)), BigInt(view.getUint32(4, true))];
  const walk: number[] = [];
  for (let symbol = 0; symbol < furthest; ) {
    walk.push(symbol);
    const drawn = Number(word(s * 0x9e3779bbn));
    t ^= s;
    s = rotated(s, 26n) ^ t ^ word(t << 9n);
    t = rotated(t, 13n);
    symbol += Math.ceil((symbol + 1.5) * (65_536 / Math.sqrt(drawn + 0.5) - 1));
  }
  return walk;
}

/** Of a hash in octets, the lowest first. */
function lowHalf(hash: string): string {
  return Uint8Array.fromHex(hash).subarray(0, 4).toReversed().toHex();
}

function hex(value: bigint | number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
