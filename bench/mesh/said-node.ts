/** A node in a process of its own as whoever measures sees it: it is given one task, then orders, and is heard in words. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Millis } from "@ropewalk/kernel/units";

interface Said {
  readonly kind: string;
}

/** `Order` and `Word` are what its program takes and says. */
export class SaidNode<Order extends string | object, Word extends Said> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #patience: Millis;
  readonly #said: Word[] = [];

  /** Its words are waited for no longer than `patience`. */
  constructor(program: URL, task: object, patience: Millis) {
    this.#child = fork(fileURLToPath(program));
    this.#patience = patience;
    this.#child.on("message", (word: Word) => void this.#said.push(word));
    this.#child.send(task);
  }

  tell(order: Order): void {
    this.#child.send(order);
  }

  /** The next word of that kind, said already or soon: each is heard once. */
  async hear<Kind extends Word["kind"]>(kind: Kind): Promise<Extract<Word, { readonly kind: Kind }>> {
    const ending = new AbortController();
    const ended = () => ending.abort(new Error(`a node has ended before it was ${kind}`));
    this.#child.once("exit", ended);
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(this.#patience)]);
    try {
      for (;;) {
        const at = this.#said.findIndex((word) => word.kind === kind);
        const [found] = at < 0 ? [] : this.#said.splice(at, 1);
        if (found !== undefined) return found as Extract<Word, { readonly kind: Kind }>;
        await once(this.#child, "message", { signal });
      }
    } finally {
      this.#child.off("exit", ended);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}
