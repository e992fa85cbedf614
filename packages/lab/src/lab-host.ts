/**
 * One host of the lab: its own network, mounts and host name. Programs run in it through nsenter, so the calling
 * process itself never changes namespace.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import { LabProcess } from "./lab-process.ts";

export interface HostNamespaces {
  readonly name: string;
  /** The process that keeps the namespaces, as the starter sees it. */
  readonly pid: number;
  /** The same process as programs in the lab see it. */
  readonly innerPid: number;
  readonly isUserNamespace: boolean;
}

export interface SpawnOptions {
  /** The whole environment of the program; the starter's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Defaults to the starter's directory. */
  readonly cwd?: string;
  /** `terminal` gives the program the starter's stdio and its Ctrl-C. */
  readonly stdio?: "pipe" | "terminal";
}

export interface ExecOptions extends SpawnOptions {
  readonly input?: string;
  /** Default 30 s; the program is killed when it passes. */
  readonly deadline?: Millis;
}

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Output past this many characters is an error: nothing in the lab legitimately says more at once. */
const longestOutput = 64 * 1024 * 1024;

export class LabHost {
  readonly name: string;
  readonly #namespaces: HostNamespaces;
  readonly #track: (process: LabProcess) => void;

  constructor(namespaces: HostNamespaces, track: (process: LabProcess) => void) {
    this.name = namespaces.name;
    this.#namespaces = namespaces;
    this.#track = track;
  }

  /** A process id whose `/proc` entry shows this host's namespaces, in the starter's PID namespace. */
  get pid(): number {
    return this.#namespaces.pid;
  }

  /** The same process inside the lab's PID namespace: what `ip link … netns` wants. */
  get innerPid(): number {
    return this.#namespaces.innerPid;
  }

  /** Starts a long-lived program; it dies with the lab at the latest. */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): LabProcess {
    const [program = "", ...argv] = [...this.#entryCommand(options.cwd ?? process.cwd()), command, ...args];
    const isTerminal = options.stdio === "terminal";
    const child: ChildProcess = spawn(program, argv, {
      stdio: isTerminal ? "inherit" : "pipe",
      // Its own session: the Ctrl-C of the starter's terminal is the starter's to handle.
      detached: !isTerminal,
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    const started = new LabProcess(child, command);
    this.#track(started);
    return started;
  }

  /** Runs a program to its end. Throws LAB_COMMAND_FAILED unless it exits with 0, LAB_TIMEOUT past the deadline. */
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<Finished> {
    const finished = await this.tryExec(command, args, options);
    if (finished.status === 0) return finished;
    const said = finished.stderr.trim() || finished.stdout.trim() || "it said nothing";
    const line = [command, ...args].join(" ");
    throw new LabError("LAB_COMMAND_FAILED", `"${line}" in ${this.name} ended with ${finished.status}: ${said}`);
  }

  /** As `exec`, but any exit status is an answer. Death by a signal is status 128. */
  async tryExec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<Finished> {
    const deadline = options.deadline ?? seconds(30);
    const running = this.spawn(command, args, { ...options, stdio: "pipe" });
    const output = Promise.all([collect(running.stdout), collect(running.stderr)]);
    running.stdin.end(options.input ?? "");
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      void running[Symbol.asyncDispose]();
    }, deadline);
    const [stdout, stderr] = await output.finally(() => clearTimeout(timer));
    const exit = await running.exited;
    if (isLate) throw new LabError("LAB_TIMEOUT", `"${command}" in ${this.name} did not end within ${deadline} ms`);
    return { status: exit.status ?? 128, stdout, stderr };
  }

  /** What a person types to get a shell in this host while the lab lives. */
  shellCommand(shell = "bash"): readonly string[] {
    return [...this.#enterCommand(), shell];
  }

  #enterCommand(): string[] {
    const user = this.#namespaces.isUserNamespace ? ["--user", "--preserve-credentials"] : [];
    return ["nsenter", "--target", String(this.pid), ...user, "--pid", "--net", "--mount", "--uts", "--"];
  }

  #entryCommand(cwd: string): string[] {
    // setpriv: the program dies when its nsenter is killed. env: entering mounts has moved the process to "/".
    return [...this.#enterCommand(), "setpriv", "--pdeathsig", "KILL", "env", `--chdir=${cwd}`];
  }
}

/** What the stream says until it ends or is destroyed. */
function collect(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.length > longestOutput) reject(new LabError("LAB_COMMAND_FAILED", "a program printed more than 64 MiB"));
    });
    stream.once("close", () => resolve(text));
  });
}
