/**
 * One program inside the lab. It is a grandchild: nsenter enters the namespaces, forks into the PID namespace and mirrors
 * the program's exit; a signal therefore goes to the program itself, and the program dies if nsenter does.
 */
import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";

export interface Exit {
  /** Null when a signal ended the program. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class LabProcess implements AsyncDisposable {
  readonly command: string;
  /** Settles when the program has ended; its output may still be read. Never rejects. */
  readonly exited: Promise<Exit>;
  readonly #entry: ChildProcess;

  constructor(entry: ChildProcess, command: string) {
    this.#entry = entry;
    this.command = command;
    this.exited = new Promise((resolve) => {
      entry.once("error", () => resolve({ status: 127, signal: null }));
      entry.once("exit", (status, signal) => resolve({ status, signal }));
    });
    // A program that ends without reading its input is told by its exit, not by EPIPE.
    entry.stdin?.on("error", () => {});
  }

  get stdin(): Writable {
    return this.#piped(this.#entry.stdin);
  }

  get stdout(): Readable {
    return this.#piped(this.#entry.stdout);
  }

  get stderr(): Readable {
    return this.#piped(this.#entry.stderr);
  }

  /** The program's process id as its starter sees it; undefined once it has ended. */
  async pid(): Promise<number | undefined> {
    const limit = performance.now() + seconds(5);
    while (this.#isRunning()) {
      const child = await firstChild(this.#entry.pid);
      if (child !== undefined) return child;
      if (performance.now() > limit) throw new LabError("LAB_TIMEOUT", `${this.command} did not start within 5 s`);
      await delay(1);
    }
    return undefined;
  }

  /** Sends the signal to the program itself; does nothing once it has ended. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const pid = await this.pid();
    try {
      if (pid !== undefined) process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    // nsenter stops itself with its program (continue_as_child), and a stopped one would not tell of the end.
    if (signal === "SIGCONT" || signal === "SIGKILL") this.#entry.kill("SIGCONT");
  }

  /** Asks the program to end, and kills it when it has not within `patience`. */
  async stop(patience: Millis = seconds(5)): Promise<Exit> {
    await this.kill("SIGTERM");
    const timer = setTimeout(() => void this[Symbol.asyncDispose](), patience);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills the program and lets go of its output, which a child that it leaves behind may still hold. */
  async [Symbol.asyncDispose](): Promise<void> {
    // The program, not nsenter: until setpriv has run, it would outlive nsenter.
    await this.kill("SIGKILL");
    await this.exited;
    this.#entry.stdout?.destroy();
    this.#entry.stderr?.destroy();
  }

  #isRunning(): boolean {
    return this.#entry.pid !== undefined && this.#entry.exitCode === null && this.#entry.signalCode === null;
  }

  #piped<T>(stream: T | null): T {
    if (stream === null)
      throw new LabError("LAB_BAD_REQUEST", `${this.command} was started on the starter's own stdio`);
    return stream;
  }
}

async function firstChild(pid: number | undefined): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const first = Number.parseInt(children, 10);
  return Number.isNaN(first) ? undefined : first;
}
