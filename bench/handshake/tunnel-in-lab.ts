/** One of the tunnel's commands in a host of the lab, and what it says, line by line. */
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { stampLines } from "../stamped-lines.ts";
import { type AnswerLine, parseAnswerLine } from "./answer-line.ts";
import type { TunnelCommand } from "./tunnel-command.ts";

export interface StampedAnswer {
  /** CLOCK_MONOTONIC in milliseconds, when it was read here. */
  readonly at: number;
  readonly line: AnswerLine;
}

export class TunnelInLab implements AsyncDisposable {
  readonly #process: LabProcess;
  readonly #said: StampedAnswer[] = [];
  #lastWords = "";
  #wake = (): void => {};

  constructor(host: LabHost, { words, env }: TunnelCommand) {
    const [program = "", ...args] = words;
    this.#process = host.spawn(program, args, { env });
    stampLines(this.#process.stdout, (text, at) => {
      this.#said.push({ at: Number(at) / 1e6, line: parseAnswerLine(text) });
      this.#wake();
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-4096);
    });
  }

  /** The next line that was not taken. Throws when the command has ended without, or says none within the limit. */
  async next(limitMs: number): Promise<StampedAnswer> {
    const limit = Promise.withResolvers<"late">();
    const timer = setTimeout(() => limit.resolve("late"), limitMs);
    const ended = this.#process.exited.then(() => "ended" as const);
    try {
      for (;;) {
        const first = this.#said.shift();
        if (first !== undefined) return first;
        const spoken = new Promise<"spoken">((resolve) => {
          this.#wake = () => resolve("spoken");
        });
        const what = await Promise.race([spoken, ended, limit.promise]);
        if (what !== "spoken" && this.#said.length === 0)
          throw new Error(`the tunnel's command said nothing (${what}): ${this.#lastWords}`);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
