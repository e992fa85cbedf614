/**
 * The first known answer of Classic McEliece 460896, made anew: the key, a ciphertext and its secret, from NIST's generator in place
 * of the system's randomness, hash to what liboqs publishes of its record.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import { createLiboqs } from "@ropewalk/crypto/mceliece/liboqs";
import { NistDrbg } from "./nist-drbg.ts";

/** liboqs, tests/KATs/kem/kats.json: SHA-256 of the record of count 0. */
const published = "03124a66e44aea18a3c1fcd63be22f2217ec5514b7d84166b1da71094c251769";

test("the first known answer comes out of key generation, encapsulation and decapsulation", async () => {
  const liboqs = await createLiboqs();
  const seed = new NistDrbg(Uint8Array.from({ length: 48 }, (_, at) => at)).read(48);
  const { publicKey, secretKey, ciphertext, secret } = withRandomness(seed, () => {
    const pair = liboqs.generate();
    liboqs.keep("public", pair.publicKey);
    return { ...pair, ...liboqs.encapsulate("public") };
  });
  const lines = Object.entries({ seed, pk: publicKey, sk: secretKey, ct: ciphertext, ss: secret });
  const text = lines.map(([name, octets]) => `${name} = ${octets.toHex().toUpperCase()}\n`).join("");
  assert.equal(createHash("sha256").update(`count = 0\n${text}`).digest("hex"), published);
  liboqs.keep("secret", secretKey);
  assert.deepEqual(liboqs.decapsulate("secret", ciphertext), secret);
});

/** Emscripten asks Node for randomness, 256 octets at a time at most; what the reference code asks for at once is 32 or 384. */
function withRandomness<T>(seed: Uint8Array, use: () => T): T {
  const node = createRequire(import.meta.url)("node:crypto");
  const real = node.randomFillSync;
  const drbg = new NistDrbg(seed);
  let rest: Uint8Array = new Uint8Array();
  node.randomFillSync = (target: Uint8Array) => {
    if (rest.length === 0) rest = drbg.read(target.length === 256 ? 384 : target.length);
    target.set(rest.subarray(0, target.length));
    rest = rest.subarray(target.length);
    return target;
  };
  try {
    return use();
  } finally {
    node.randomFillSync = real;
  }
}
