import assert from "node:assert/strict";
import { createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { isOfSmallOrder } from "@ropewalk/host/wireguard/small-order";

const head = "302a300506032b656e032100";
const prime = 2n ** 255n - 19n;

function keyOf(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(64, "0")).toReversed();
}

/** Whether OpenSSL refuses to agree with it on a secret, since that would be zero (RFC 7748 §6.1). */
function isRefused(key: Uint8Array): boolean {
  const spki = Buffer.concat([Uint8Array.fromHex(head), key]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  const { privateKey } = generateKeyPairSync("x25519");
  try {
    diffieHellman({ privateKey, publicKey });
    return false;
  } catch {
    return true;
  }
}

test("every value next to zero, to the prime, to the bit that is passed over and to the end is told as OpenSSL finds it", () => {
  const spans = [0n, prime, 2n ** 255n, 2n ** 255n + prime, 2n ** 256n - 22n];
  for (const span of spans)
    for (let value = span - 20n; value <= span + 20n; value += 1n) {
      if (value < 0n || value >= 2n ** 256n) continue;
      const key = keyOf(value);
      assert.equal(isOfSmallOrder(key.toBase64()), isRefused(key), value.toString(16));
    }
});

test("the two points of order eight are told, with the last bit and without", () => {
  for (const hex of [
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ])
    for (const bit of [0, 0x80]) {
      const key = Uint8Array.fromHex(hex);
      key[31] = (key[31] ?? 0) | bit;
      assert.ok(isOfSmallOrder(key.toBase64()) && isRefused(key));
    }
});
