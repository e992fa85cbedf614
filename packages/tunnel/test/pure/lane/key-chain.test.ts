import assert from "node:assert/strict";
import { test } from "node:test";
import type { CreateRecordCipher } from "@ropewalk/crypto/pure/record-cipher";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { sha384 } from "@ropewalk/crypto/sha384";
import { KeyChain, mostRecords } from "@ropewalk/tunnel/pure/lane/key-chain";
import { nextLaneSecret, recordKey } from "@ropewalk/tunnel/pure/lane/lane-keys";
import { crypto } from "./epochs.ts";

const secret = () => new Uint8Array(48).fill(3);
const number = (octets: Uint8Array) => BigInt(`0x${octets.toHex()}`);

test("the nonce of a record is the IV with the record's number mixed into its last eight octets", () => {
  const keys = new KeyChain(crypto, secret());
  const { iv } = recordKey(sha384, secret());
  for (let index = 0; index < 70_000; index += 1) {
    const nonce = keys.take()?.nonce ?? assert.fail();
    if (index < 300 || index > 65_500) assert.equal(number(nonce) ^ number(iv), BigInt(index));
  }
  assert.equal(keys.records, 70_000);
});

test("a key has nothing to give once it has had all its records, and the next has", () => {
  assert.equal(mostRecords, 2 ** 28);
  const keys = new KeyChain(crypto, secret(), 3);
  for (let index = 0; index < 3; index += 1) assert.ok(keys.take() !== undefined);
  assert.deepEqual([keys.take(), keys.take()], [undefined, undefined]);
  keys.advance();
  const next = recordKey(sha384, nextLaneSecret(sha384, secret()));
  assert.deepEqual(keys.take()?.nonce, next.iv);
});

test("a key that has given way is erased, with all that it came from; erased for good, nothing follows", () => {
  const given: Uint8Array[] = [];
  const createCipher: CreateRecordCipher = (key) => {
    given.push(key);
    return createRecordCipher(key);
  };
  const own = secret();
  const keys = new KeyChain({ sha384, createCipher }, own);
  keys.advance();
  assert.deepEqual(own, new Uint8Array(48));
  keys.erase();
  keys.advance();
  assert.equal(keys.take(), undefined);
  assert.deepEqual(given, [new Uint8Array(32), new Uint8Array(32)]);
});
