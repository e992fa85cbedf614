/** A node of a chain as whoever measures sees it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ChainOrder, ChainTask, ChainWord } from "./chain-task.ts";

const program = fileURLToPath(new URL("./chain-node-main.ts", import.meta.url));
const limitMs = 30_000;

export class ChainNode implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #said: ChainWord[] = [];

  constructor(task: ChainTask) {
    this.#child = fork(program);
    this.#child.on("message", (word: ChainWord) => void this.#said.push(word));
    this.#child.send(task);
  }

  tell(order: ChainOrder): void {
    this.#child.send(order);
  }

  /** The first word of that kind, said already or within half a minute. */
  async hear<Kind extends ChainWord["kind"]>(kind: Kind): Promise<Extract<ChainWord, { readonly kind: Kind }>> {
    const ending = new AbortController();
    const ended = () => ending.abort(new Error(`a node of the chain has ended before it was ${kind}`));
    this.#child.once("exit", ended);
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(limitMs)]);
    try {
      for (;;) {
        const found = this.#said.find(
          (word): word is Extract<ChainWord, { readonly kind: Kind }> => word.kind === kind,
        );
        if (found !== undefined) return found;
        await once(this.#child, "message", { signal });
      }
    } finally {
      this.#child.off("exit", ended);
    }
  }

  /** The latest that it said of links: of a chain that grows at its end, when the end was joined. */
  get lastLinked(): number {
    const linked = this.#said.findLast((word) => word.kind === "linked");
    return linked?.time ?? Number.NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}
