/** What stays in WebAssembly's memory, seen in a stand-in for it that computes nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Liboqs } from "@ropewalk/crypto/mceliece/liboqs";
import type { LiboqsModule } from "@ropewalk/crypto/mceliece/wasm-module";

const mark = 0xa5;

/** Each call fills what it gives with a mark, so that what is left of it can be found. */
function standIn(status = 0) {
  const memory = new Uint8Array(1 << 20);
  const lengths = new Map<number, number>();
  const freedUncleared: number[] = [];
  let next = 64;
  const fill = (...pointers: readonly number[]) => {
    for (const pointer of pointers) memory.fill(mark, pointer, pointer + (lengths.get(pointer) ?? 0));
    return status;
  };
  const module: LiboqsModule = {
    HEAPU8: memory,
    _malloc(length) {
      lengths.set(next, length);
      next += length;
      return next - length;
    },
    _free(pointer) {
      const length = lengths.get(pointer) ?? 0;
      if (memory.subarray(pointer, pointer + length).some((octet) => octet !== 0)) freedUncleared.push(pointer);
      lengths.delete(pointer);
    },
    stringToUTF8: (_text, pointer) => void fill(pointer),
    _OQS_init: () => {},
    _OQS_KEM_new: () => 1,
    _OQS_KEM_keypair: (_kem, publicKey, secretKey) => fill(publicKey, secretKey),
    _OQS_KEM_encaps: (_kem, ciphertext, secret) => fill(ciphertext, secret),
    _OQS_KEM_decaps: (_kem, secret) => fill(secret),
  };
  return { module, freedUncleared, held: lengths };
}

test("whatever was in a region is overwritten before it is freed, and nothing stays but the keys that are kept", () => {
  const { module, freedUncleared, held } = standIn();
  const liboqs = new Liboqs(module);
  liboqs.keep("key", new Uint8Array(13_608).fill(mark));
  assert.ok(liboqs.generate().secretKey.every((octet) => octet === mark));
  assert.equal(liboqs.encapsulate("key").secret.length, 32);
  assert.equal(liboqs.decapsulate("key", new Uint8Array(156).fill(mark)).length, 32);
  assert.deepEqual([...held.values()], [13_608]);
  liboqs.keep("key", new Uint8Array(13_608).fill(mark));
  assert.equal(held.size, 1, "a key kept anew takes its own place");
  liboqs.forget("key");
  liboqs.forget("key");
  assert.equal(held.size, 0);
  assert.deepEqual(freedUncleared, []);
});

test("a call that fails leaves nothing behind either", () => {
  const { module, freedUncleared, held } = standIn(-1);
  const liboqs = new Liboqs(module);
  liboqs.keep("key", new Uint8Array(13_608).fill(mark));
  assert.throws(() => liboqs.generate(), { code: "INTERNAL" });
  assert.throws(() => liboqs.encapsulate("key"), { code: "INTERNAL" });
  assert.throws(() => liboqs.decapsulate("key", new Uint8Array(156)), { code: "INTERNAL" });
  assert.equal(held.size, 1);
  assert.deepEqual(freedUncleared, []);
});

test("a key that is not kept is not made up", () => {
  const liboqs = new Liboqs(standIn().module);
  assert.throws(() => liboqs.encapsulate("key"), { code: "INTERNAL" });
});

test("memory that is exhausted is said", () => {
  assert.throws(() => new Liboqs({ ...standIn().module, _malloc: () => 0 }), { code: "INTERNAL" });
});
