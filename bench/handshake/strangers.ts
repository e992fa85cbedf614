/** Strangers as whoever measures sees them: they begin at once, are counted, and all end together. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StrangersCount, StrangersTask } from "./strangers-plan.ts";

const program = fileURLToPath(new URL("./strangers-main.ts", import.meta.url));
const limitMs = 60_000;

export class Strangers implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(task: StrangersTask) {
    this.#child = fork(program, { serialization: "advanced" });
    this.#child.send(task);
  }

  async count(): Promise<StrangersCount> {
    const counted = once(this.#child, "message", { signal: AbortSignal.timeout(limitMs) });
    this.#child.send("count");
    const [count] = await counted;
    return count as StrangersCount;
  }

  async until(what: string, isSo: (count: StrangersCount) => boolean): Promise<StrangersCount> {
    const limit = performance.now() + limitMs;
    for (;;) {
      const count = await this.count();
      if (isSo(count)) return count;
      if (performance.now() > limit)
        throw new Error(`strangers: not within ${limitMs} ms that ${what}: ${JSON.stringify(count)}`);
      await delay(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}
