import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError } from "@ropewalk/kernel/errors";
import { millis, seconds } from "@ropewalk/kernel/units";
import { type Announce, decodeAnnounce, encodeAnnounce, isNewer } from "@ropewalk/mesh/pure/wire/announce";
import fc from "fast-check";
import { anyAnnounce, fieldsOf, plainContent, read } from "./announces.ts";

const some: Announce = {
  ...plainContent,
  key: new Uint8Array(32).fill(1),
  signature: new Uint8Array(64).fill(2),
  hops: 3,
  chain: new Uint8Array(12).fill(4),
};
const prekey = new Uint8Array(32).fill(5);

test("an announce has 131 octets, and 163 with a prekey", () => {
  assert.equal(encodeAnnounce(some).length, 131);
  assert.equal(encodeAnnounce({ ...some, prekey }).length, 163);
});

test("an announce is read as what was written, capabilities that nobody knows included", () => {
  fc.assert(
    fc.property(anyAnnounce, (announce) => {
      assert.deepEqual(fieldsOf(read(encodeAnnounce(announce))), announce);
    }),
    { numRuns: 500 },
  );
});

test("octets that are read as an announce are those that it would be written as", () => {
  const changed = fc.tuple(anyAnnounce.map(encodeAnnounce), fc.nat(170), fc.nat(255));
  fc.assert(
    fc.property(changed, ([octets, place, value]) => {
      if (place < octets.length) octets[place] = value;
      const heard = decodeAnnounce(octets);
      if (typeof heard !== "string") assert.deepEqual(encodeAnnounce(fieldsOf(heard)), octets);
    }),
    { numRuns: 3_000 },
  );
});

test("octets that are no announce are told why, by the first fault", () => {
  const [short, long] = [encodeAnnounce(some), encodeAnnounce({ ...some, prekey })];
  const faults = {
    length: [new Uint8Array(), short.subarray(1), long.subarray(1), Uint8Array.of(...long, 0), short.subarray(0, 130)],
    // Another version, a prekey that is not there, none where one is, and a flag that nobody knows.
    form: [short.with(0, 0x20), short.with(0, 0x11), long.with(0, 0x10), short.with(0, 0x14), short.with(0, 0x00)],
    // Nobody is at the end of the chain, or beyond it.
    hops: [short.with(11, 0), short.with(11, 65), short.with(118, 64), short.with(11, 3), long.with(150, 255)],
    lifetime: [short.with(12, 0).with(13, 0)],
  };
  for (const [fault, all] of Object.entries(faults))
    for (const octets of all) assert.equal(decodeAnnounce(octets), fault, octets.toHex());
});

test("what does not fit its field is not written", () => {
  const unfit: readonly Partial<Announce>[] = [
    { capabilities: 0x1_0000 },
    { epoch: 0x1_0000_0000 },
    { sequence: -1 },
    { maxHops: 0 },
    { maxHops: 65 },
    { lifetime: millis(1_500) },
    { lifetime: seconds(0) },
    { lifetime: seconds(65_536) },
    { keyPackageHash: new Uint8Array(9) },
    { key: new Uint8Array(31) },
    { prekey: new Uint8Array(33) },
    { signature: new Uint8Array(63) },
    { hops: 64 },
    { chain: new Uint8Array(13) },
  ];
  for (const change of unfit) {
    assert.throws(() => encodeAnnounce({ ...some, ...change }), InternalError, Object.keys(change).join());
  }
});

test("an announce is newer by its epoch first, then by its sequence", () => {
  const at = (epoch: number, sequence: number) => ({ epoch, sequence });
  assert.ok(isNewer(at(2, 0), at(1, 9)));
  assert.ok(isNewer(at(1, 2), at(1, 1)));
  assert.ok(isNewer(at(0xffff_ffff, 0), at(0x7fff_ffff, 0)));
  for (const other of [at(1, 1), at(1, 2), at(2, 0)]) assert.ok(!isNewer(at(1, 1), other));
});

test("a relay changes hops and chain and nothing else, and not the octets that it heard", () => {
  for (const announce of [some, { ...some, prekey }]) {
    const octets = encodeAnnounce(announce);
    const before = octets.slice();
    const next = { hops: 4, chain: new Uint8Array(12).fill(6) };
    assert.deepEqual(fieldsOf(read(read(octets).relayed(next.hops, next.chain))), { ...announce, ...next });
    assert.deepEqual(octets, before);
  }
});

test("copies of an announce are alike in all that no relay changes", () => {
  const octets = encodeAnnounce(some);
  const heard = read(octets);
  assert.ok(heard.isCopyOf(read(heard.relayed(5, new Uint8Array(12)))));
  assert.ok(!heard.isCopyOf(read(encodeAnnounce({ ...some, prekey }))));
  for (let place = 0; place < 118; place += 1) {
    const other = decodeAnnounce(octets.with(place, (octets[place] ?? 0) ^ 1));
    if (typeof other !== "string") assert.ok(!heard.isCopyOf(other), `octet ${place}`);
  }
});

test("what is kept of an announce stays when the octets that it came in are written over", () => {
  const octets = encodeAnnounce(some);
  const heard = read(octets);
  const kept = heard.kept();
  octets.fill(0xff);
  assert.deepEqual(fieldsOf(kept), some);
  assert.notEqual(heard.hops, some.hops);
});
