import assert from "node:assert/strict";
import { test } from "node:test";
import { CryptoError } from "@ropewalk/crypto/errors";
import { verifyingKeyFromRaw } from "@ropewalk/crypto/verifying-key";
import { type Announce, encodeAnnounce, type HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { isProvedBy, judgeAnnounce, makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { anchor, furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import fc from "fast-check";
import { anyContent, fieldsOf, identity, plainContent, read } from "./announces.ts";

const [origin, listener] = [identity(1), identity(2)];
const proved = (octets: Uint8Array) => judgeAnnounce(listener, octets).kind === "proved";
const atHops = (made: HeardAnnounce, hops: number) =>
  made.relayed(hops, furtherLink(made, made.chain, hops - made.hops));

test("an announce is proved wherever relays have brought it, as what its origin said", () => {
  fc.assert(
    fc.property(anyContent, fc.nat(63), (content, far) => {
      const made = makeAnnounce(origin, content);
      const hops = far % content.maxHops;
      const verdict = judgeAnnounce(listener, atHops(made, hops));
      assert.ok(verdict.kind === "proved");
      const { chain, hops: heard, signature, key, ...said } = fieldsOf(verdict.announce);
      assert.deepEqual(said, content);
      assert.deepEqual([heard, key], [hops, origin.publicKey]);
    }),
    { numRuns: 50 },
  );
});

test("one octet that is changed anywhere, and the announce is refused", () => {
  const octets = atHops(makeAnnounce(origin, { ...plainContent, prekey: new Uint8Array(32).fill(9) }), 3);
  for (let place = 0; place < octets.length; place += 1) {
    assert.ok(!proved(octets.with(place, (octets[place] ?? 0) ^ (1 << (place & 7)))), `octet ${place}`);
  }
  assert.ok(proved(octets));
});

const other = makeAnnounce(identity(3), plainContent);
const former = makeAnnounce(origin, { ...plainContent, sequence: 0 });

/** What somebody can do who has heard an announce `hops` away, and would be nearer. */
function forgery(heard: HeardAnnounce, hops: number, choice: number, guess: Uint8Array): Uint8Array {
  const { chain } = heard;
  switch (choice % 8) {
    case 0:
      return heard.relayed(hops, chain);
    case 1:
      return heard.relayed(hops, furtherLink(heard, chain, 1 + (choice % 61)));
    case 2:
      return heard.relayed(hops, guess);
    case 3:
      return heard.relayed(hops, anchor(heard));
    case 4:
      return heard.relayed(hops, furtherLink(former, former.chain, hops));
    case 5:
      return heard.relayed(hops, furtherLink(other, other.chain, hops));
    case 6:
      // The chain is as long as it was, if the announce may go less far.
      return heard.relayed(hops, chain).with(11, Math.max(1, heard.maxHops - (heard.hops - hops)));
    default:
      return heard.relayed(hops, chain.with(choice % 12, choice & 0xff).toReversed());
  }
}

test("of 2,000 announces with lowered hops none is proved", () => {
  const made = makeAnnounce(origin, plainContent);
  const guesses = fc.uint8Array({ minLength: 12, maxLength: 12 });
  const distances = fc.integer({ min: 1, max: 63 }).chain((from) => fc.tuple(fc.constant(from), fc.nat(from - 1)));
  const tried = { count: 0, proved: 0 };
  fc.assert(
    fc.property(distances, fc.nat(10_000), guesses, ([from, to], choice, guess) => {
      const heard = read(atHops(made, from));
      const forged = read(forgery(heard, to, choice, guess));
      tried.count += 1;
      if (isProvedBy(made, forged) || isProvedBy(heard, forged)) tried.proved += 1;
      if (proved(forged.octets)) tried.proved += 1;
    }),
    { numRuns: 2_000 },
  );
  assert.deepEqual(tried, { count: 2_000, proved: 0 });
});

test("who repeats what he heard claims the distance of whom he heard it from, and no less: a limit of the chain", () => {
  const heard = atHops(makeAnnounce(origin, plainContent), 5);
  assert.ok(proved(heard));
  assert.equal(read(heard).hops, 5);
});

test("a copy is known by the chain alone, whether it has come further or less far", () => {
  const made = makeAnnounce(origin, plainContent);
  const known = read(atHops(made, 20));
  for (const hops of [0, 1, 19, 20, 21, 63]) {
    const copy = read(atHops(made, hops));
    assert.ok(isProvedBy(known, copy), `${hops} hops`);
    assert.ok(!isProvedBy(known, read(copy.relayed(hops, copy.chain.with(0, (copy.chain[0] ?? 0) ^ 1)))));
  }
  const same = { ...plainContent, capabilities: 2 };
  assert.ok(!isProvedBy(known, makeAnnounce(origin, same)), "another announce of the same epoch and sequence");
});

test("no signature is verified of what is wrong otherwise", () => {
  const octets = makeAnnounce(origin, plainContent).octets;
  const never = { verify: () => assert.fail("it was verified") };
  for (const wrong of [octets.subarray(1), octets.with(0, 0), octets.with(118, 64), octets.with(12, 0).with(13, 0)]) {
    assert.equal(judgeAnnounce(never, wrong).kind, "refused");
  }
});

/** Of order 1, 2, 4, 4, 8, 8, 8 and 8. */
const smallOrder = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
].map((text) => Uint8Array.fromHex(text));
/** R is the neutral element, S zero: by RFC 8032 §5.1.7 good for one message in n under a key of order n. */
const forAnybody = new Uint8Array(64).with(0, 1);

function announced(key: Uint8Array, sequence: number): Announce {
  return { ...plainContent, sequence, key, signature: forAnybody, hops: 0, chain: new Uint8Array(12) };
}

test("all 8 keys of small order are refused, under which a signature of nobody suits one announce in eight", () => {
  assert.equal(new Set(smallOrder.map((key) => key.toHex())).size, 8);
  for (const key of smallOrder) {
    assert.throws(() => verifyingKeyFromRaw("ed25519", key), { code: "CRYPTO_KEY_WEAK" });
    for (let sequence = 0; sequence < 50; sequence += 1) {
      const verdict = judgeAnnounce(listener, encodeAnnounce(announced(key, sequence)));
      assert.deepEqual(verdict, { kind: "refused", why: "signature" });
    }
  }
});

test("a key that is written in a second way is refused: it would be a second address of one identity", () => {
  // The neutral element again, as y + p; and y = 2^255 - 1, which is the point of y = 18.
  const p1 = Uint8Array.fromHex(`ee${"ff".repeat(30)}7f`);
  const p18 = Uint8Array.fromHex(`${"ff".repeat(31)}7f`);
  for (const key of [p1, p18]) {
    assert.throws(() => verifyingKeyFromRaw("ed25519", key), CryptoError);
    const all = Array.from({ length: 20 }, (_, sequence) => encodeAnnounce(announced(key, sequence)));
    assert.ok(!all.some(proved));
  }
});
