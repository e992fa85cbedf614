/**
 * Polls the descriptors of one event loop, and gives a step to whoever asks for one: in a macrotask of its own, never from
 * inside the asker's call.
 */
import type { OnReady, Poll, Polls } from "./native-poll.ts";

/** Does a bounded piece of work. */
export interface Stepping {
  step(): void;
}

export class Readiness implements Disposable {
  readonly #polls: Polls;
  #asking = new Set<Stepping>();
  #isTurnQueued = false;

  constructor(polls: Polls) {
    this.#polls = polls;
  }

  /** Of a descriptor that is not polled yet. Throws HOST_NATIVE_CALLS. */
  poll(fd: number, onReady: OnReady): Poll {
    return this.#polls.open(fd, onReady);
  }

  ask(stepping: Stepping): void {
    this.#asking.add(stepping);
    if (this.#isTurnQueued) return;
    this.#isTurnQueued = true;
    setImmediate(() => this.#turn());
  }

  [Symbol.dispose](): void {
    this.#polls[Symbol.dispose]();
  }

  /** When a step throws, the others have theirs in the next turn. */
  #turn(): void {
    const batch = this.#asking;
    this.#asking = new Set();
    this.#isTurnQueued = false;
    try {
      for (const stepping of batch) {
        batch.delete(stepping);
        stepping.step();
      }
    } finally {
      for (const stepping of batch) this.ask(stepping);
    }
  }
}
