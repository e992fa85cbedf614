/**
 * Classic McEliece 460896 on worker threads, so that no caller's thread stands still. The code is the reference code compiled to
 * WebAssembly, and liboqs says of 460896 that it may not take constant time once a compiler has optimised it: a hedge that is mixed
 * into a key beside others, never the only secret.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { InternalError } from "@ropewalk/kernel/errors";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { areEqual } from "../constant-time.ts";
import type { Encapsulated } from "../encapsulated.ts";
import { type CallOptions, CallQueue } from "./call-queue.ts";
import { checkMcElieceCiphertext, McElieceKeyPair, McEliecePublicKey } from "./keys.ts";
import type { Job, WorkerAnswer } from "./worker-messages.ts";
import { WorkerThread } from "./worker-thread.ts";

export interface McElieceWorkersConfig {
  /** Threads that encapsulate and decapsulate, started at their first call. One more makes keys. */
  readonly count: number;
  /** Calls that may wait for them, and keys that may wait to be made; 256 unless said. A further one fails at once. */
  readonly queueLimit?: number;
  /** Keys that each thread keeps, of 524 KB or 14 KB, so that they need not be copied each time; 16 unless said. */
  readonly keptKeys?: number;
}

export interface GenerateOptions extends CallOptions {
  /** Called each second until the key is made: that takes from 0.4 to some seconds, for most attempts fail. */
  readonly onProgress?: (elapsed: Millis) => void;
}

/** Every call throws CRYPTO_WORKERS_BUSY, _LATE and _CLOSED, CRYPTO_WORKER_DIED, and its signal's reason. */
export interface McElieceWorkers extends AsyncDisposable {
  /** A new pair from the system's randomness; the caller disposes it. */
  generate(options?: GenerateOptions): Promise<McElieceKeyPair>;
  /** A fresh secret, and what tells it to the owner of the key. Half a millisecond once the key is kept. */
  encapsulate(publicKey: McEliecePublicKey, options?: CallOptions): Promise<Encapsulated>;
  /**
   * The secret in a ciphertext; 40 ms. A forged one of the right length gives a secret that nobody knows, and no error. Throws
   * CRYPTO_CIPHERTEXT_INVALID.
   */
  decapsulate(pair: McElieceKeyPair, ciphertext: Uint8Array, options?: CallOptions): Promise<SecretBytes>;
  /** Whether the halves belong together: files may have been mixed up. A few damaged bits need not show; a hash over the file would. */
  isPair(pair: McElieceKeyPair, options?: CallOptions): Promise<boolean>;
  /** Erases what the workers keep of a public key, or of the secret half of a pair; a later call with it brings it back. */
  forget(key: McEliecePublicKey | McElieceKeyPair): void;
}

/** The workers; the caller disposes them, which ends every call. */
export function createMcElieceWorkers(config: McElieceWorkersConfig, deps: { readonly clock: Clock }): McElieceWorkers {
  return new Workers(config, deps.clock);
}

class Workers implements McElieceWorkers {
  readonly #clock: Clock;
  readonly #threads: readonly WorkerThread[];
  readonly #calls: CallQueue;
  /** Of its own, so that seconds of key making never hold up a handshake. */
  readonly #makers: CallQueue;

  constructor({ count, queueLimit = 256, keptKeys = 16 }: McElieceWorkersConfig, clock: Clock) {
    if (!Number.isSafeInteger(count) || count < 1) throw new InternalError(`${count} is no number of workers`);
    this.#clock = clock;
    this.#threads = Array.from({ length: count }, () => new WorkerThread(keptKeys));
    this.#calls = new CallQueue(this.#threads, queueLimit, clock);
    this.#makers = new CallQueue([new WorkerThread(0)], queueLimit, clock);
  }

  async generate({ onProgress, ...options }: GenerateOptions = {}): Promise<McElieceKeyPair> {
    using _progress = new Progress(this.#clock, onProgress);
    const { publicKey, secretKey } = answered("generated", await this.#makers.call({ kind: "generate" }, options));
    return new McElieceKeyPair(new McEliecePublicKey(publicKey), new SecretBytes(secretKey));
  }

  async encapsulate(publicKey: McEliecePublicKey, options: CallOptions = {}): Promise<Encapsulated> {
    const key = { name: publicKey.keptName, octets: () => publicKey.raw() };
    const answer = answered("encapsulated", await this.#calls.call({ kind: "encapsulate", key }, options));
    return { ciphertext: answer.ciphertext, secret: new SecretBytes(answer.secret) };
  }

  async decapsulate(pair: McElieceKeyPair, ciphertext: Uint8Array, options: CallOptions = {}): Promise<SecretBytes> {
    checkMcElieceCiphertext(ciphertext);
    const key = { name: pair.keptName, octets: () => pair.secretKey.reveal() };
    const job: Job = { kind: "decapsulate", key, ciphertext };
    return new SecretBytes(answered("decapsulated", await this.#calls.call(job, options)).secret);
  }

  async isPair(pair: McElieceKeyPair, options: CallOptions = {}): Promise<boolean> {
    const { ciphertext, secret } = await this.encapsulate(pair.publicKey, options);
    using sent = secret;
    using received = await this.decapsulate(pair, ciphertext, options);
    return areEqual(sent.reveal(), received.reveal());
  }

  forget(key: McEliecePublicKey | McElieceKeyPair): void {
    for (const thread of this.#threads) thread.forget(key.keptName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#calls.close(), this.#makers.close()]);
  }
}

/** Tells each second how long it has been, until it is disposed. */
class Progress implements Disposable {
  #timer: Disposable | undefined;

  constructor(clock: Clock, tell: ((elapsed: Millis) => void) | undefined) {
    if (tell === undefined) return;
    const began = clock.now();
    const wait = () => {
      this.#timer = clock.after("mceliece progress", seconds(1), () => {
        wait();
        tell(millis(clock.now() - began));
      });
    };
    wait();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}

function answered<Kind extends WorkerAnswer["kind"]>(
  kind: Kind,
  answer: WorkerAnswer,
): WorkerAnswer & { readonly kind: Kind } {
  if (answer.kind !== kind)
    throw new InternalError(`a McEliece worker answered ${answer.kind} where ${kind} was asked`);
  return answer as WorkerAnswer & { readonly kind: Kind };
}
