/** A node of a chain that carries messages, as whoever measures sees it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { PostOrder, PostTask, PostWord } from "./post-task.ts";

const program = fileURLToPath(new URL("./post-node-main.ts", import.meta.url));
const limitMs = 120_000;

export class PostNode implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #said: PostWord[] = [];

  constructor(task: PostTask) {
    this.#child = fork(program);
    this.#child.on("message", (word: PostWord) => void this.#said.push(word));
    this.#child.send(task);
  }

  tell(order: PostOrder): void {
    this.#child.send(order);
  }

  /** The next word of that kind, said already or within two minutes: each is heard once. */
  async hear<Kind extends PostWord["kind"]>(kind: Kind): Promise<Extract<PostWord, { readonly kind: Kind }>> {
    const ending = new AbortController();
    const ended = () => ending.abort(new Error(`a node of the chain has ended before it was ${kind}`));
    this.#child.once("exit", ended);
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(limitMs)]);
    try {
      for (;;) {
        const at = this.#said.findIndex((word) => word.kind === kind);
        const [found] = at < 0 ? [] : this.#said.splice(at, 1);
        if (found !== undefined) return found as Extract<PostWord, { readonly kind: Kind }>;
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
