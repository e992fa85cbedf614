/** An end of a connection in C, told line by line what to do; what it answers is what the kernel said. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { compiled } from "./compiled.ts";

export class ScriptedEnd implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(compiled("scripted-end"), [], { stdio: ["pipe", "pipe", "inherit"] });
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** One after the other: the next line is read when the one before has been done. */
  async tell(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    return done === true ? "the process has ended" : value;
  }

  /** The port on which it listens. */
  async listen(): Promise<number> {
    return Number((await this.tell("listen")).split(" ")[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
