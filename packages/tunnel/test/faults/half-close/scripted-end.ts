/** An end of a connection in C, told line by line what to do; what it answers is what the kernel said. */
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const builds = join(import.meta.dirname, "../../../../../build/tunnel-ends");

/** The program, compiled once for each content of its source. */
function compiled(): string {
  const source = join(import.meta.dirname, "scripted-end.c");
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const file = join(builds, `scripted-end-${hash}`);
  if (existsSync(file)) return file;
  mkdirSync(builds, { recursive: true });
  const draft = `${file}.${process.pid}`;
  execFileSync("cc", ["-O2", "-Wall", "-D_GNU_SOURCE", "-o", draft, source]);
  renameSync(draft, file);
  return file;
}

export class ScriptedEnd implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(compiled(), [], { stdio: ["pipe", "pipe", "inherit"] });
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
