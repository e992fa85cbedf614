/** Real workers. One key is made for all tests, for that takes seconds. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { McElieceKeyPair, McEliecePublicKey, mcElieceLengths } from "@ropewalk/crypto/mceliece/keys";
import type { Job } from "@ropewalk/crypto/mceliece/worker-messages";
import { WorkerThread } from "@ropewalk/crypto/mceliece/worker-thread";
import { createMcElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { sha384 } from "@ropewalk/crypto/sha384";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { Millis } from "@ropewalk/kernel/units";

const clock = createSystemClock();
const workers = createMcElieceWorkers({ count: 2, keptKeys: 2 }, { clock });
const progress: Millis[] = [];
let pair: McElieceKeyPair;

before(async () => {
  pair = await workers.generate({ onProgress: (elapsed) => progress.push(elapsed) });
});
after(() => workers[Symbol.asyncDispose]());

test("a key that was made has the lengths of Classic McEliece 460896 and is named by its SHA-384", () => {
  assert.equal(pair.publicKey.raw().length, mcElieceLengths.publicKey);
  assert.equal(pair.secretKey.length, mcElieceLengths.secretKey);
  assert.deepEqual(pair.publicKey.sha384, sha384.hash(pair.publicKey.raw()));
});

test("whoever waits for a key hears every second how long it has been", () => {
  for (const [at, elapsed] of progress.entries()) assert.ok(elapsed >= (at + 1) * 999, `${elapsed} ms at ${at + 1} s`);
});

test("what was encapsulated is decapsulated, many at a time", async () => {
  const sent = await Promise.all(Array.from({ length: 4 }, () => workers.encapsulate(pair.publicKey)));
  const received = await Promise.all(sent.map(({ ciphertext }) => workers.decapsulate(pair, ciphertext)));
  assert.deepEqual(
    received.map((secret) => secret.reveal()),
    sent.map(({ secret }) => secret.reveal()),
  );
  assert.equal(new Set(sent.map(({ ciphertext }) => ciphertext.toHex())).size, 4);
  assert.equal(sent[0]?.ciphertext.length, mcElieceLengths.ciphertext);
});

test("the caller's key is neither moved away nor erased by being sent", async () => {
  await workers.isPair(pair);
  assert.equal(pair.publicKey.raw().length, mcElieceLengths.publicKey);
  assert.ok(pair.secretKey.reveal().some((octet) => octet !== 0));
});

test("a changed ciphertext gives another secret and no error, one of another length an error", async () => {
  const { ciphertext, secret } = await workers.encapsulate(pair.publicKey);
  const changed = ciphertext.map((octet, at) => (at === 100 ? octet ^ 1 : octet));
  assert.notDeepEqual((await workers.decapsulate(pair, changed)).reveal(), secret.reveal());
  await assert.rejects(workers.decapsulate(pair, ciphertext.slice(1)), { code: "CRYPTO_CIPHERTEXT_INVALID" });
});

test("halves that do not belong together are found out, also where the right ones are kept", async () => {
  assert.equal(await workers.isPair(pair), true);
  const another = new SecretBytes(pair.secretKey.reveal().map((octet, at) => (at < 5_000 ? octet : octet ^ 0xff)));
  assert.equal(await workers.isPair(new McElieceKeyPair(pair.publicKey, another)), false);
  assert.equal(await workers.isPair(pair), true);
});

test("a key that was dropped for others, or forgotten, is sent again", async () => {
  const { ciphertext, secret } = await workers.encapsulate(pair.publicKey);
  for (let fill = 0; fill < 6; fill += 1) {
    await workers.encapsulate(new McEliecePublicKey(new Uint8Array(mcElieceLengths.publicKey).fill(fill)));
  }
  workers.forget(pair.publicKey);
  workers.forget(pair);
  assert.deepEqual((await workers.decapsulate(pair, ciphertext)).reveal(), secret.reveal());
  await workers.encapsulate(pair.publicKey);
});

test("a key being made is given up at once, and the next one is made all the same", async () => {
  const aborting = new AbortController();
  const made = workers.generate({ signal: aborting.signal });
  aborting.abort(new Error("gone"));
  await assert.rejects(made, { message: "gone" });
});

test("a worker that dies fails its call, and another takes its place", async () => {
  const thread = new WorkerThread(1);
  const key = { name: "zeros", octets: () => new Uint8Array(mcElieceLengths.publicKey) };
  try {
    await assert.rejects(thread.run({ kind: "nonsense", key } as unknown as Job), { code: "CRYPTO_WORKER_DIED" });
    assert.ok(!thread.keeps("zeros"));
    assert.equal((await thread.run({ kind: "encapsulate", key })).kind, "encapsulated");
    assert.ok(thread.keeps("zeros"));
  } finally {
    thread.stop(new Error("done"));
    await thread.ended();
  }
  assert.ok(!thread.keeps("zeros"));
});

test("a pair that has been erased is not used, and does not hold up its worker", async () => {
  const erased = new McElieceKeyPair(pair.publicKey, new SecretBytes(new Uint8Array(mcElieceLengths.secretKey)));
  erased[Symbol.dispose]();
  const { ciphertext } = await workers.encapsulate(pair.publicKey);
  for (let round = 0; round < 3; round += 1) {
    await assert.rejects(workers.decapsulate(erased, ciphertext), { code: "INTERNAL" });
  }
  await workers.decapsulate(pair, ciphertext);
});

test("keys of another length are refused, and no secret prints", () => {
  assert.throws(() => new McEliecePublicKey(new Uint8Array(5)), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => new McElieceKeyPair(pair.publicKey, new SecretBytes(new Uint8Array(5))), {
    code: "CRYPTO_KEY_INVALID",
  });
  assert.match(inspect(pair, { depth: 9 }), /secretKey: \[secret\]/);
});

test("calls after the workers are closed fail, and so does what ran", async () => {
  const own = createMcElieceWorkers({ count: 1 }, { clock });
  const running = assert.rejects(own.generate(), { code: "CRYPTO_WORKERS_CLOSED" });
  await own[Symbol.asyncDispose]();
  await running;
  await assert.rejects(own.encapsulate(pair.publicKey), { code: "CRYPTO_WORKERS_CLOSED" });
  assert.throws(() => createMcElieceWorkers({ count: 0 }, { clock }), { code: "INTERNAL" });
});
