/** Asks one node by another each 20 ms, and notes when answers come. A question that is lost holds up no other. */
import { sleep } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis } from "@ropewalk/kernel/units";
import type { MeshMember } from "./mesh-member.ts";

const askEvery = millis(20);

export class SteadyAsking implements AsyncDisposable {
  /** In milliseconds of this process. */
  readonly answers: number[] = [];
  readonly #stop = new AbortController();
  readonly #asking: Promise<void>;

  constructor(from: MeshMember, to: string) {
    this.#asking = this.#ask(from, to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#asking;
  }

  async #ask(from: MeshMember, to: string): Promise<void> {
    const clock = createSystemClock();
    const { signal } = this.#stop;
    const open = new Set<Promise<void>>();
    while (!signal.aborted) {
      const asked = from.isAnswered(to).then((isAnswered) => {
        if (isAnswered && !signal.aborted) this.answers.push(performance.now());
      });
      open.add(asked);
      void asked.then(() => open.delete(asked));
      await sleep(clock, "next question", askEvery, signal).catch(() => {});
    }
    await Promise.all(open);
  }
}
