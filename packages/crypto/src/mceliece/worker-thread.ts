/** One McEliece worker and the one call that it has at a time. A worker that ends fails its call; the next call starts another. */
import { Worker } from "node:worker_threads";
import { InternalError } from "@ropewalk/kernel/errors";
import { CryptoError } from "../errors.ts";
import { KeptNames } from "../pure/kept-names.ts";
import type { Job, WorkerAnswer, WorkerCall, WorkerRequest } from "./worker-messages.ts";

export class WorkerThread {
  #worker: Worker | undefined;
  #call: PromiseWithResolvers<WorkerAnswer> | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  readonly #kept: KeptNames;

  constructor(keptKeys: number) {
    this.#kept = new KeptNames(keptKeys);
  }

  get isIdle(): boolean {
    return this.#call === undefined;
  }

  keeps(name: string): boolean {
    return this.#kept.has(name);
  }

  /** Only when idle. Throws CRYPTO_WORKER_DIED, or what `stop` was given; InternalError when the key has been erased. */
  async run(job: Job): Promise<WorkerAnswer> {
    if (this.#call !== undefined) throw new InternalError("a McEliece worker was given a second call");
    this.#worker ??= this.#start();
    const request = this.#callOf(job);
    const call = Promise.withResolvers<WorkerAnswer>();
    this.#call = call;
    this.#worker.ref();
    this.#post(request);
    return call.promise;
  }

  forget(name: string): void {
    if (this.#kept.drop(name)) this.#post({ kind: "forget", names: [name] });
  }

  /** Ends the worker at once, whatever it is at, and with it all that it keeps; its call fails with `reason`. */
  stop(reason: unknown): void {
    const ending = this.#worker?.terminate();
    this.#ended = Promise.all([this.#ended, ending]);
    this.#end(reason);
  }

  /** Settles when every worker that was stopped has gone. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  #start(): Worker {
    // Sources and compiled files lie side by side in the same way, and so do the files of the bundled program.
    const file = import.meta.url.endsWith(".ts") ? "./mceliece-worker.ts" : "./mceliece-worker.js";
    const worker = new Worker(new URL(file, import.meta.url), { name: "mceliece" });
    const fail = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#end(
        new CryptoError("CRYPTO_WORKER_DIED", "a McEliece worker ended before it answered; call again", { cause }),
      );
    };
    // An idle worker does not keep the process alive; one that is waited for does.
    worker.unref();
    worker.on("message", (answer: WorkerAnswer) => {
      const call = this.#call;
      this.#call = undefined;
      worker.unref();
      call?.resolve(answer);
    });
    worker.on("error", fail);
    worker.on("exit", (code) => fail(`exit code ${code}`));
    return worker;
  }

  #end(reason: unknown): void {
    const call = this.#call;
    this.#worker = undefined;
    this.#call = undefined;
    this.#kept.clear();
    call?.reject(reason);
  }

  #callOf(job: Job): WorkerCall {
    if (job.kind === "generate") return job;
    const { name, octets } = job.key;
    // A copy, which is moved: neither the caller's octets nor a second copy of a secret stay behind.
    const key = { name, octets: this.#kept.has(name) ? undefined : Uint8Array.from(octets()) };
    const names = this.#kept.use(name);
    if (names.length > 0) this.#post({ kind: "forget", names });
    return { ...job, key };
  }

  #post(request: WorkerRequest): void {
    const key = "key" in request ? request.key.octets : undefined;
    this.#worker?.postMessage(request, key === undefined ? [] : [key.buffer]);
  }
}
