import assert from "node:assert/strict";
import { test } from "node:test";
import { makeKeysAhead } from "@ropewalk/crypto/mceliece/key-pool";
import { McElieceKeyPair, McEliecePublicKey, mcElieceLengths } from "@ropewalk/crypto/mceliece/keys";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

/** Until every promise that is settled has been acted upon. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Makes pairs of nothing as fast as they are asked for, or fails. */
class Maker {
  made: McElieceKeyPair[] = [];
  failure: Error | undefined;
  readonly #publicKey = new McEliecePublicKey(new Uint8Array(mcElieceLengths.publicKey));

  async generate(): Promise<McElieceKeyPair> {
    if (this.failure !== undefined) throw this.failure;
    const pair = new McElieceKeyPair(this.#publicKey, new SecretBytes(new Uint8Array(mcElieceLengths.secretKey)));
    this.made.push(pair);
    return pair;
  }
}

test("so many pairs are made ahead, and each that is taken is made up for", async () => {
  const maker = new Maker();
  await using pool = makeKeysAhead(maker, 2);
  await turn();
  assert.equal(pool.ready, 2);
  assert.equal(await pool.take(), maker.made[0]);
  await turn();
  assert.equal(pool.ready, 2);
  assert.equal(maker.made.length, 3);
});

test("nobody gets a pair that another has", async () => {
  await using pool = makeKeysAhead(new Maker(), 3);
  const taken = await Promise.all(Array.from({ length: 10 }, () => pool.take()));
  assert.equal(new Set(taken).size, 10);
});

test("a failure while keys are made ahead is told to who takes one, and making goes on when it can", async () => {
  const maker = new Maker();
  maker.failure = new Error("no worker");
  await using pool = makeKeysAhead(maker, 1);
  await turn();
  assert.equal(pool.ready, 0);
  await assert.rejects(pool.take(), { message: "no worker" });
  maker.failure = undefined;
  await pool.take();
  await turn();
  assert.equal(pool.ready, 1);
});

test("what nobody has taken is erased when the pool closes, and nobody gets one after that", async () => {
  const maker = new Maker();
  const pool = makeKeysAhead(maker, 2);
  const taken = await pool.take();
  await turn();
  await pool[Symbol.asyncDispose]();
  const left = maker.made.filter((pair) => pair !== taken);
  assert.ok(left.length > 0);
  for (const pair of left) assert.throws(() => pair.secretKey.reveal(), { code: "INTERNAL" });
  assert.equal(taken.secretKey.reveal().length, mcElieceLengths.secretKey);
  await assert.rejects(pool.take(), { code: "CRYPTO_WORKERS_CLOSED" });
});
