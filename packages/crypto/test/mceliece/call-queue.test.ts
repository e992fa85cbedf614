/** Who waits for whom, on a clock that is moved by hand and threads that answer when they are told to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallQueue, type CallThread } from "@ropewalk/crypto/mceliece/call-queue";
import type { Job, WorkerAnswer } from "@ropewalk/crypto/mceliece/worker-messages";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";

/** Answers and ends when the test says so. */
class ThreadInHand implements CallThread {
  /** The key of the job it has, or "generate". */
  running: string | undefined;
  stoppedBy: unknown;
  readonly #kept: readonly string[];
  #call = Promise.withResolvers<WorkerAnswer>();

  constructor(...kept: readonly string[]) {
    this.#kept = kept;
  }

  get isIdle(): boolean {
    return this.running === undefined;
  }

  keeps(name: string): boolean {
    return this.#kept.includes(name);
  }

  run(job: Job): Promise<WorkerAnswer> {
    this.running = job.kind === "generate" ? job.kind : job.key.name;
    this.#call = Promise.withResolvers();
    return this.#call.promise;
  }

  async answer(answer: WorkerAnswer = answerOf(1)): Promise<void> {
    this.running = undefined;
    this.#call.resolve(answer);
    await turn();
  }

  async die(): Promise<void> {
    this.stop(new Error("died"));
    await turn();
  }

  stop(reason: unknown): void {
    this.stoppedBy = reason;
    this.running = undefined;
    this.#call.reject(reason);
  }

  async ended(): Promise<void> {}
}

/** Until every promise that is settled has been acted upon. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const answerOf = (fill: number) => ({ kind: "decapsulated", secret: new Uint8Array(32).fill(fill) }) as const;
const job = (name: string): Job => {
  return { kind: "decapsulate", key: { name, octets: () => new Uint8Array() }, ciphertext: new Uint8Array() };
};

function queueOf(threads: readonly ThreadInHand[], limit = 9) {
  const clock = new FakeClock();
  return { clock, queue: new CallQueue(threads, limit, clock) };
}

test("calls run side by side on every thread, and those beyond wait their turn", async () => {
  const [one, two] = [new ThreadInHand(), new ThreadInHand()];
  const { queue } = queueOf([one, two]);
  const [a, b, c] = ["a", "b", "c"].map((name) => queue.call(job(name), {}));
  assert.deepEqual([one.running, two.running], ["a", "b"]);
  await two.answer(answerOf(2));
  assert.deepEqual([one.running, two.running], ["a", "c"]);
  await one.answer(answerOf(1));
  await two.answer(answerOf(3));
  assert.deepEqual(await Promise.all([a, b, c]), [answerOf(1), answerOf(2), answerOf(3)]);
});

test("of the idle threads, the one that keeps the key is taken", () => {
  const [one, two] = [new ThreadInHand("a"), new ThreadInHand("b")];
  const { queue } = queueOf([one, two]);
  void queue.call(job("b"), {});
  assert.deepEqual([one.running, two.running], [undefined, "b"]);
  void queue.call(job("b"), {});
  assert.deepEqual([one.running, two.running], ["b", "b"]);
});

test("a call beyond the limit fails at once, and there is room again when one has had its turn", async () => {
  const thread = new ThreadInHand();
  const { queue } = queueOf([thread], 1);
  const calls = [queue.call(job("a"), {}), queue.call(job("b"), {})];
  await assert.rejects(queue.call(job("c"), {}), { code: "CRYPTO_WORKERS_BUSY" });
  await thread.answer();
  const last = queue.call(job("d"), {});
  await thread.answer();
  await thread.answer();
  await Promise.all([...calls, last]);
});

test("a call that waited or ran too long fails, and the thread goes on to the next when it has done the old one", async () => {
  const thread = new ThreadInHand();
  const { queue, clock } = queueOf([thread]);
  const [ran, waited] = ["ran", "waited"].map((name) => queue.call(job(name), { within: seconds(5) }));
  const patient = queue.call(job("patient"), {});
  clock.advance(seconds(5));
  for (const late of [ran, waited])
    await assert.rejects(late as Promise<WorkerAnswer>, { code: "CRYPTO_WORKERS_LATE" });
  assert.deepEqual([thread.running, thread.stoppedBy], ["ran", undefined]);
  await thread.answer();
  assert.equal(thread.running, "patient");
  await thread.answer(answerOf(4));
  assert.deepEqual(await patient, answerOf(4));
});

test("a secret that nobody waits for any more is erased", async () => {
  const thread = new ThreadInHand();
  const { queue } = queueOf([thread]);
  const aborting = new AbortController();
  const call = queue.call(job("a"), { signal: aborting.signal });
  aborting.abort(new Error("gone"));
  await assert.rejects(call, { message: "gone" });
  const answer = answerOf(9);
  await thread.answer(answer);
  assert.ok(answer.secret.every((octet) => octet === 0));
});

test("an aborted call that waits leaves the queue, and a call that was aborted before never enters it", async () => {
  const thread = new ThreadInHand();
  const { queue } = queueOf([thread]);
  const first = queue.call(job("first"), {});
  const aborting = new AbortController();
  const waiting = queue.call(job("waiting"), { signal: aborting.signal });
  aborting.abort(new Error("gone"));
  await assert.rejects(waiting, { message: "gone" });
  await assert.rejects(queue.call(job("late"), { signal: aborting.signal }), { message: "gone" });
  await thread.answer();
  await first;
  assert.equal(thread.running, undefined);
});

test("a key that nobody waits for any more is not made to its end", async () => {
  const thread = new ThreadInHand();
  const { queue } = queueOf([thread]);
  const aborting = new AbortController();
  const call = queue.call({ kind: "generate" }, { signal: aborting.signal });
  aborting.abort(new Error("gone"));
  await assert.rejects(call, { message: "gone" });
  assert.ok(thread.stoppedBy instanceof Error);
});

test("when a thread dies its call fails and the next one runs", async () => {
  const thread = new ThreadInHand();
  const { queue } = queueOf([thread]);
  const [first, second] = [queue.call(job("first"), {}), queue.call(job("second"), {})];
  const failed = assert.rejects(first, { message: "died" });
  await thread.die();
  await failed;
  assert.equal(thread.running, "second");
  await thread.answer();
  await second;
});

test("a thread that gives no answer for a minute is stopped", async () => {
  const thread = new ThreadInHand();
  const { queue, clock } = queueOf([thread]);
  const call = queue.call(job("a"), { within: seconds(3_600) });
  const failed = assert.rejects(call, { code: "CRYPTO_WORKER_DIED" });
  clock.advance(seconds(60));
  await failed;
});

test("closing fails what runs, what waits and what comes after, and leaves no timer", async () => {
  const thread = new ThreadInHand();
  const { queue, clock } = queueOf([thread]);
  const calls = ["a", "b"].map((name) => assert.rejects(queue.call(job(name), {}), { code: "CRYPTO_WORKERS_CLOSED" }));
  await queue.close();
  await Promise.all(calls);
  await assert.rejects(queue.call(job("c"), {}), { code: "CRYPTO_WORKERS_CLOSED" });
  assert.deepEqual(clock.pendingTimers(), []);
});
