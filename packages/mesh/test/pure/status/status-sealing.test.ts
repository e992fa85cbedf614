import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeStatus } from "@ropewalk/mesh/pure/status/status-record";
import { openStatus, sealedStatusLength, sealStatus } from "@ropewalk/mesh/pure/status/status-sealing";
import { isNewer } from "@ropewalk/mesh/pure/wire/announce";
import { crypto, entry, keyFrom, oneStatus } from "./status-makers.ts";

const seal = (record = oneStatus, to = entry.publicKey) => sealStatus(crypto, to, record) ?? assert.fail("no key");

test("an entry reads who it is from and what it says, and nobody else does", () => {
  const sealed = seal();
  assert.equal(sealed.length, sealedStatusLength);
  assert.deepEqual(openStatus(crypto, entry, sealed), { kind: "opened", record: oneStatus });
  assert.deepEqual(openStatus(crypto, keyFrom(0x40), sealed), { kind: "refused", why: "unsealed" });
  for (const part of [oneStatus.key, encodeStatus(oneStatus).subarray(32)])
    assert.ok(!sealed.toHex().includes(part.toHex()));
});

test("two that say the same have nothing in common, so that nobody tells a node by them", () => {
  const [one, other] = [seal(), seal()];
  let same = 0;
  for (let at = 1; at < one.length; at += 1) if (one[at] === other[at]) same += 1;
  assert.ok(same < 20, `${same} octets`);
});

test("with any octet changed, cut off or longer it is refused with why", () => {
  const sealed = seal();
  for (let place = 0; place < sealed.length; place += 1) {
    const opened = openStatus(crypto, entry, sealed.with(place, (sealed[place] ?? 0) ^ 1));
    assert.deepEqual(opened, { kind: "refused", why: place === 0 ? "version" : "unsealed" });
  }
  for (const length of [0, 1, 200])
    assert.deepEqual(openStatus(crypto, entry, sealed.subarray(0, length)), { kind: "refused", why: "length" });
});

test("in another's name nobody makes one, nor does an entry pass one on as sealed to another", () => {
  const forged = seal({ ...oneStatus, key: oneStatus.key.with(0, 1) });
  assert.deepEqual(openStatus(crypto, entry, forged), { kind: "refused", why: "forged" });
  // The first entry knows record and signature, and seals both to the second.
  const signatures: Uint8Array[] = [];
  const signStatus = (octets: Uint8Array) => {
    signatures.push(crypto.signStatus(octets));
    return signatures[0] ?? assert.fail();
  };
  sealStatus({ ...crypto, signStatus }, entry.publicKey, oneStatus);
  const other = keyFrom(0x40);
  const passedOn = sealStatus({ ...crypto, signStatus }, other.publicKey, oneStatus);
  assert.deepEqual(openStatus(crypto, other, passedOn ?? assert.fail()), { kind: "refused", why: "forged" });
});

test("to a key of small order, or none, nothing is sealed", () => {
  for (const key of [new Uint8Array(32), new Uint8Array(32).with(0, 1), new Uint8Array(31).fill(9)])
    assert.equal(sealStatus(crypto, key, oneStatus), undefined);
});

test("of one node the newest number counts, whatever its clock says", () => {
  const later = { ...oneStatus, sequence: 1_001, made: 0 };
  assert.ok(isNewer(later, oneStatus));
  assert.ok(!isNewer(oneStatus, oneStatus), "what is said again is not newer");
  assert.ok(isNewer({ ...oneStatus, epoch: 8, sequence: 0 }, later));
});
