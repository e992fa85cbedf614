/**
 * A value that changes, seen level-triggered: late and slow readers get the newest value and never a backlog.
 */

export interface Watched<T> {
  readonly current: T;
  /** The current value at once, then the newest after each change, until the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<T>;
}

export class Latest<T> implements Watched<T> {
  #current: T;
  #version = 0;
  #waiting = new Set<() => void>();

  constructor(initial: T) {
    this.#current = initial;
  }

  get current(): T {
    return this.#current;
  }

  set(value: T): void {
    this.#current = value;
    this.#version += 1;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    let seen = -1;
    while (!signal.aborted) {
      if (seen === this.#version) await this.#change(signal);
      if (signal.aborted) return;
      seen = this.#version;
      yield this.#current;
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
