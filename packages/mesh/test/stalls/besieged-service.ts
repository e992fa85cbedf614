/** The besieged node as the besieger sees it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { BesiegedOrder, BesiegedWord } from "./besieged-service-main.ts";

const program = fileURLToPath(new URL("./besieged-service-main.ts", import.meta.url));
const execArgv = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
const limitMs = 30_000;

export class BesiegedService implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly place: string;
  /** Its identity key. */
  readonly key: Uint8Array;

  static async start(): Promise<BesiegedService> {
    const child = fork(program, { execArgv });
    const word = await wordOf(child);
    if (word.kind !== "ready") throw new Error(`it said ${word.kind} before it was ready`);
    return new BesiegedService(child, word.place, Uint8Array.fromHex(word.key));
  }

  private constructor(child: ChildProcess, place: string, key: Uint8Array) {
    this.#child = child;
    this.place = place;
    this.key = key;
  }

  /** Its longest turns since it was last asked. */
  async turns(): Promise<Extract<BesiegedWord, { readonly kind: "turns" }>> {
    this.#tell("take");
    const word = await wordOf(this.#child);
    if (word.kind !== "turns") throw new Error(`it was asked for its turns, and said ${word.kind}`);
    return word;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#tell("end");
    await ended;
  }

  #tell(order: BesiegedOrder): void {
    this.#child.send(order);
  }
}

async function wordOf(child: ChildProcess): Promise<BesiegedWord> {
  const [word] = await once(child, "message", { signal: AbortSignal.timeout(limitMs) });
  return word as BesiegedWord;
}
