/** A McEliece pair in a file; the octets stand in for keys, which the file does not look into. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { encodeKemKey, readKemKey } from "../../src/certificates/kem-key-file.ts";
import { encodePem } from "../../src/certificates/pure/pem.ts";
import { McElieceKeyPair, McEliecePublicKey, mcElieceLengths } from "../../src/mceliece/keys.ts";

const pattern = (length: number, step: number) => Uint8Array.from({ length }, (_, index) => (index * step) & 0xff);
const publicKey = new McEliecePublicKey(pattern(mcElieceLengths.publicKey, 7));
const pair = new McElieceKeyPair(publicKey, new SecretBytes(pattern(mcElieceLengths.secretKey, 13)));
const file = encodeKemKey(pair).reveal();

test("both halves come back as they were", () => {
  using read = readKemKey(file);
  assert.deepEqual(read.publicKey.sha384, publicKey.sha384);
  assert.deepEqual(read.secretKey.reveal(), pair.secretKey.reveal());
});

test("a file that is cut, damaged in one octet, or another key's, is refused", () => {
  assert.throws(() => readKemKey(file.subarray(0, file.length - 100)), { code: "CRYPTO_DOCUMENT_INVALID" });
  const damaged = file.slice();
  damaged[1_000] = damaged[1_000] === 0x41 ? 0x42 : 0x41;
  assert.throws(() => readKemKey(damaged), { code: "CRYPTO_KEY_INVALID" });
  const short = new TextEncoder().encode(encodePem("ROPEWALK MCELIECE460896 PRIVATE KEY", new Uint8Array(100)));
  assert.throws(() => readKemKey(short), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => readKemKey(new TextEncoder().encode(encodePem("PRIVATE KEY", new Uint8Array(9)))), {
    code: "CRYPTO_DOCUMENT_KIND",
  });
});
