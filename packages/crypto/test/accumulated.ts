/**
 * Many vectors in one digest: the inputs come from one SHAKE-128, every output goes into another. Node makes and opens, noble, which
 * alone can encapsulate and sign with given randomness, does the rest, so that both must agree on all of it.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { mlKemKeyFromSeed, mlKemLengths } from "@ropewalk/crypto/ml-kem";
import { verifyRaw } from "@ropewalk/crypto/raw-signatures";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

/** Published by Go's crypto/mlkem (TestAccumulated) for ML-KEM-768 of the final FIPS 203. */
export const mlKemDigests: Readonly<Record<number, string>> = {
  100: "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415",
  10000: "8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc",
};

/** Published by C2SP's CCTV (ML-DSA/accumulated) for ML-DSA-65. */
export const mlDsaDigests: Readonly<Record<number, string>> = {
  100: "8358a1843220194417cadbc2651295cd8fc65125b5a5c1a239a16dc8b57ca199",
  10000: "5ff5e196f0b830c3b10a9eb5358e7c98a3a20136cb677f3ae3b90175c3ace329",
};

export function accumulatedMlKem(rounds: number): string {
  const round = mlKemLengths.seed + mlKemLengths.secret + mlKemLengths.ciphertext;
  const read = reader(rounds * round);
  const outputs = createHash("shake128", { outputLength: 32 });
  for (let done = 0; done < rounds; done += 1) {
    const key = mlKemKeyFromSeed(new SecretBytes(read(mlKemLengths.seed)));
    const publicKey = key.publicKey.raw();
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, read(mlKemLengths.secret));
    assert.deepEqual(key.decapsulate(cipherText).reveal(), sharedSecret);
    const ofRandom = key.decapsulate(read(mlKemLengths.ciphertext)).reveal();
    for (const part of [publicKey, cipherText, sharedSecret, ofRandom]) outputs.update(part);
  }
  return outputs.digest("hex");
}

export function accumulatedMlDsa(rounds: number): string {
  const read = reader(rounds * 32);
  const outputs = createHash("shake128", { outputLength: 32 });
  const message = new Uint8Array();
  for (let done = 0; done < rounds; done += 1) {
    const seed = read(32);
    const { verifyingKey } = signingKeyFromSeed("ml-dsa-65", new SecretBytes(Uint8Array.from(seed)));
    const { publicKey, secretKey } = ml_dsa65.keygen(seed);
    assert.deepEqual(verifyingKey.raw(), publicKey);
    const signature = ml_dsa65.sign(message, secretKey, { extraEntropy: false });
    assert.ok(verifyRaw(verifyingKey, message, signature));
    outputs.update(publicKey).update(signature);
  }
  return outputs.digest("hex");
}

/** Gives so many octets of SHAKE-128's output for no input, again and again. */
function reader(total: number): (length: number) => Uint8Array {
  const stream = new Uint8Array(createHash("shake128", { outputLength: total }).digest());
  let offset = 0;
  return (length) => {
    offset += length;
    return stream.slice(offset - length, offset);
  };
}
