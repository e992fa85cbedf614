/** Work on the local store that never throws: what failed last is told until something succeeds. */
import { describeError } from "@ropewalk/kernel/errors";

export class StoreGuard {
  #fault: string | undefined;

  /** Why the last access failed; undefined when it did not. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** What `work` returns; undefined when it throws. */
  attempt<T>(work: () => T): T | undefined {
    try {
      const result = work();
      this.#fault = undefined;
      return result;
    } catch (error) {
      this.#fault = describeError(error);
      return undefined;
    }
  }
}
