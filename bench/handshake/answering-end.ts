/** `ropewalk tunnel answer` in a process of its own on loopback: what it has said so far, and what memory it holds. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { stampLines } from "../stamped-lines.ts";
import { type AnswerLine, parseAnswerLine } from "./answer-line.ts";
import { type TunnelEnd, tunnelCommand } from "./tunnel-command.ts";

const startLimitMs = 20_000;
/** What it refuses it tells at the latest after a second. */
const quietMs = 1_500;
const quietLimitMs = 30_000;

export class AnsweringEnd implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #refused = new Map<string, number>();
  #port: number | undefined;
  #lastLineAt = 0;
  #lastWords = "";

  static async start(end: TunnelEnd): Promise<AnsweringEnd> {
    const { words, env } = await tunnelCommand(["answer", "127.0.0.1:0"], end);
    // setpriv: it ends with whoever measures, however that one ends.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", ...words], { stdio: ["ignore", "pipe", "pipe"], env });
    const answering = new AnsweringEnd(child);
    try {
      await answering.#until("it listens", startLimitMs, () => answering.#port !== undefined);
      return answering;
    } catch (error) {
      await answering[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout !== null) stampLines(child.stdout, (line) => this.#onLine(parseAnswerLine(line)));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-4096);
    });
  }

  get port(): number {
    return this.#port ?? 0;
  }

  /** Since its start, by reason. */
  get refused(): ReadonlyMap<string, number> {
    return new Map(this.#refused);
  }

  /** Until it has told everything of what is past. */
  async isQuiet(): Promise<void> {
    await this.#until("it is quiet", quietLimitMs, () => performance.now() > this.#lastLineAt + quietMs);
  }

  /** Begins to watch for the most memory that it holds; resident memory now, in MiB. Source: proc_pid_clear_refs(5). */
  watchMemory(): number {
    writeFileSync(`/proc/${this.#child.pid}/clear_refs`, "5");
    return this.#memory("VmRSS");
  }

  /** The most since `watchMemory`, in MiB, by the kernel's own count. */
  mostMemory(): number {
    return this.#memory("VmHWM");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #memory(name: "VmRSS" | "VmHWM"): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    const [, kib] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
    if (kib === undefined) throw new Error(`the answering end has ended: ${this.#lastWords}`);
    return Number(kib) / 1024;
  }

  #onLine(line: AnswerLine): void {
    this.#lastLineAt = performance.now();
    if (line.kind === "listening") this.#port = line.port;
    if (line.kind !== "refused") return;
    for (const [reason, number] of Object.entries(line.numbers)) {
      this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + number);
    }
  }

  async #until(what: string, limitMs: number, isSo: () => boolean): Promise<void> {
    const limit = performance.now() + limitMs;
    while (!isSo()) {
      if (this.#hasEnded()) throw new Error(`the answering end has ended before ${what}: ${this.#lastWords}`);
      if (performance.now() > limit) throw new Error(`the answering end: not within ${limitMs} ms that ${what}`);
      await delay(20);
    }
  }
}
