import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { anchor, type ChainSalt, furtherLink, isOnChain } from "@ropewalk/mesh/pure/wire/hop-chain";
import fc from "fast-check";

const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const salts = fc.record({ key: octetsOf(32), epoch: u32, sequence: u32 });

function byHand({ key, epoch, sequence }: ChainSalt, link: Uint8Array, steps: number): Uint8Array {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(epoch, 0);
  numbers.writeUInt32BE(sequence, 4);
  let last = link;
  for (let step = 0; step < steps; step += 1)
    last = createHash("sha256")
      .update(joined(last, key, numbers))
      .digest()
      .subarray(0, 12);
  return new Uint8Array(last);
}

test("a link further on is so many hashes away, as node:crypto makes them", () => {
  fc.assert(
    fc.property(salts, octetsOf(12), fc.nat(64), (salt, link, steps) => {
      assert.equal(furtherLink(salt, link, steps).toHex(), byHand(salt, link, steps).toHex());
    }),
  );
});

test("the anchor is the same from every link of the chain", () => {
  fc.assert(
    fc.property(salts, octetsOf(12), fc.integer({ min: 1, max: 64 }), (salt, seed, maxHops) => {
      const ends = Array.from({ length: maxHops }, (_, hops) =>
        anchor({ ...salt, chain: furtherLink(salt, seed, hops), hops, maxHops }).toHex(),
      );
      assert.deepEqual(new Set(ends), new Set([byHand(salt, seed, maxHops).toHex()]));
    }),
    { numRuns: 20 },
  );
});

test("a link is on the chain of another at their distance, and at no other", () => {
  fc.assert(
    fc.property(salts, octetsOf(12), fc.nat(20), fc.nat(20), (salt, nearer, steps, claimed) => {
      const further = furtherLink(salt, nearer, steps);
      assert.equal(isOnChain(salt, nearer, further, claimed), claimed === steps);
    }),
  );
});

test("a link that differs in one bit is on no chain", () => {
  const salt = { key: new Uint8Array(32), epoch: 1, sequence: 2 };
  const further = furtherLink(salt, new Uint8Array(12), 3);
  for (let bit = 0; bit < 96; bit += 1) {
    const place = bit >>> 3;
    const other = further.with(place, (further[place] ?? 0) ^ (1 << (bit & 7)));
    assert.ok(!isOnChain(salt, new Uint8Array(12), other, 3), `bit ${bit}`);
  }
});

test("the same link leads elsewhere under another key, epoch or sequence", () => {
  const salt = { key: new Uint8Array(32), epoch: 1, sequence: 2 };
  const others = [{ key: salt.key.with(31, 1) }, { epoch: 2 }, { sequence: 3 }, { epoch: 2, sequence: 1 }];
  const ends = [{}, ...others].map((change) => furtherLink({ ...salt, ...change }, new Uint8Array(12), 1).toHex());
  assert.equal(new Set(ends).size, ends.length);
});
