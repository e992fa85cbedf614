/** Proofs that are kept: until when, how many, and for whom. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptProofs } from "@ropewalk/mesh/pure/messages/kept-proofs";
import { storeTime, tagNumber } from "./held-makers.ts";

const tag = (number: number) => Uint8Array.fromHex(tagNumber(number));
const ackKey = (number: number) => new Uint8Array(16).fill(number);
const key = new Uint8Array(16).fill(9);

test("a proof is there until its envelope's life is over, and no other's", () => {
  const kept = new KeptProofs(key);
  const octets = ackKey(7);
  kept.keep(tag(1), octets, storeTime(100));
  octets.fill(0);
  assert.deepEqual(kept.find(storeTime(99), tag(1)), ackKey(7));
  assert.equal(kept.find(storeTime(100), tag(1)), undefined);
  assert.equal(kept.find(storeTime(99), tag(2)), undefined);
});

test("the latest are kept, twice as many as a generation holds at most", () => {
  const most = 300;
  const kept = new KeptProofs(key, most);
  for (let number = 0; number < 3_000; number += 1) {
    kept.keep(tag(number), ackKey(number % 256), storeTime(100));
    kept.keep(tag(number), ackKey(0), storeTime(100));
    assert.ok(kept.size <= 2 * most);
    const before = Math.max(0, number - most + 1);
    assert.deepEqual(kept.find(storeTime(1), tag(before)), ackKey(before % 256));
  }
  assert.equal(kept.find(storeTime(1), tag(3_000 - 2 * most - 1)), undefined);
});
