/** Processes of the real program on this machine's loopback, with a folder of their own that goes with them. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { testedProgram } from "./tested-program.ts";

const launcher = join(import.meta.dirname, "../../../bin/ropewalk.mjs");
const deadlineMs = 20_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class StartedPrograms implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "ropewalk-programs-"));
  readonly #running = new Set<RunningProcess>();

  /** `words` in the folder: paths in them may be relative. */
  start(...words: readonly string[]): RunningProcess {
    return this.#spawn([...testedProgram, ...words]);
  }

  /** By the launcher, on a Node whose place the program cannot take: it stays as the program's parent. */
  startLaunched(...words: readonly string[]): RunningProcess {
    return this.#spawn(["--import", "data:text/javascript,process.execve=undefined", launcher, ...words]);
  }

  run(...words: readonly string[]): Promise<Ended> {
    return this.start(...words).ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) running.child.kill("SIGKILL");
    await Promise.all([...this.#running].map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(args: readonly string[]): RunningProcess {
    const env = {
      ...{ PATH: process.env["PATH"], HOME: this.folder, XDG_CONFIG_HOME: this.folder },
      ROPEWALK_STATE_DIR: join(this.folder, "state"),
      ROPEWALK_RUNTIME_DIR: join(this.folder, "run"),
      ...(process.env["NODE_COMPILE_CACHE"] === undefined
        ? {}
        : { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] }),
    };
    const child = spawn(process.execPath, args, { cwd: this.folder, env });
    const running = new RunningProcess(child);
    this.#running.add(running);
    return running;
  }
}

export class RunningProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** The JSON documents that it has printed, one a line. */
  get documents(): readonly Record<string, unknown>[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + deadlineMs;
    while (!isSo()) {
      assert(
        performance.now() < end && this.child.exitCode === null,
        `${what}: not seen; ${this.stdout}${this.stderr}`,
      );
      await delay(20);
    }
  }
}
