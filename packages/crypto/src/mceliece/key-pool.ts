/** Key pairs made ahead, for who wants a fresh one without waiting seconds for it. */
import { CryptoError } from "../errors.ts";
import type { McElieceKeyPair } from "./keys.ts";
import type { GenerateOptions, McElieceWorkers } from "./workers.ts";

export interface McElieceKeyPool extends AsyncDisposable {
  /** Pairs that are ready now. */
  readonly ready: number;
  /** A pair that nobody else gets; made now if none is ready. Throws as `McElieceWorkers.generate` does. The caller disposes it. */
  take(options?: GenerateOptions): Promise<McElieceKeyPair>;
}

/**
 * Keeps `count` pairs ready, from the first call on. What fails while it makes one ahead fails nobody: the next `take` tries again
 * and says so. The caller disposes it before the workers, which erases what nobody has taken.
 */
export function makeKeysAhead(workers: Pick<McElieceWorkers, "generate">, count: number): McElieceKeyPool {
  return new KeyPool(workers, count);
}

class KeyPool implements McElieceKeyPool {
  readonly #workers: Pick<McElieceWorkers, "generate">;
  readonly #count: number;
  readonly #pairs: McElieceKeyPair[] = [];
  readonly #closing = new AbortController();
  #filling: Promise<void> | undefined;

  constructor(workers: Pick<McElieceWorkers, "generate">, count: number) {
    this.#workers = workers;
    this.#count = count;
    this.#fill();
  }

  get ready(): number {
    return this.#pairs.length;
  }

  async take(options?: GenerateOptions): Promise<McElieceKeyPair> {
    this.#closing.signal.throwIfAborted();
    const pair = this.#pairs.shift() ?? (await this.#workers.generate(options));
    this.#fill();
    return pair;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new CryptoError("CRYPTO_WORKERS_CLOSED", "the pool of McEliece keys was closed"));
    await this.#filling;
    for (const pair of this.#pairs.splice(0)) pair[Symbol.dispose]();
  }

  #fill(): void {
    this.#filling ??= this.#makeMissing().finally(() => {
      this.#filling = undefined;
    });
  }

  /** Never rejects. */
  async #makeMissing(): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (this.#pairs.length < this.#count && !signal.aborted) {
        this.#pairs.push(await this.#workers.generate({ signal }));
      }
    } catch {
      // `take` meets the same, and has somebody to tell.
    }
  }
}
