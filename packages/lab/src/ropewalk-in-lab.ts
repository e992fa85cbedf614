/** Ropewalk itself, as edge runs it: with its state in edge's own /run, watching and sending nothing of its own. */
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";

/** A first start may have to install what it runs on. */
const startLimit = seconds(60);
/** How much of what it printed is kept; the oldest goes first. */
const logLimit = 64 * 1024;

const runtime = "/run/lab/runtime";
const environment: readonly string[] = [
  "ROPEWALK_STATE_DIR=/run/lab/state",
  `ROPEWALK_RUNTIME_DIR=${runtime}`,
];

export class RopewalkInLab {
  readonly #edge: LabHost;
  readonly #launcher: string;
  #running: LabProcess | undefined;
  #log = "";

  /** `launcher` is the path of `bin/ropewalk.mjs`. */
  constructor(edge: LabHost, launcher: string) {
    this.#edge = edge;
    this.#launcher = launcher;
  }

  /** What runs `ropewalk` with these words in edge. */
  commandLine(words: readonly string[]): readonly [command: string, ...args: string[]] {
    return ["env", ...environment, process.execPath, this.#launcher, ...words];
  }

  /** Starts it, waits until it can be asked, and leaves it running. Throws LAB_BAD_REQUEST, LAB_TIMEOUT. */
  async start(words: readonly string[]): Promise<string> {
    if (this.#running !== undefined) throw new LabError("LAB_BAD_REQUEST", "Ropewalk runs in edge already");
    const [command, ...args] = this.commandLine(words);
    const running = this.#edge.spawn(command, args);
    this.#running = running;
    for (const stream of [running.stdout, running.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-logLimit);
      });
    }
    void running.exited.then(({ status, signal }) => {
      this.#running = undefined;
      this.#log += `Ropewalk ended with ${signal ?? status}\n`;
    });
    await this.#canBeAsked();
    return 'Ropewalk runs in edge; "ropewalk status" asks it, "log" shows what it prints';
  }

  async #canBeAsked(): Promise<void> {
    const deadline = performance.now() + startLimit;
    while ((await this.#edge.tryExec("test", ["-S", `${runtime}/ropewalk.sock`])).status !== 0) {
      if (this.#running === undefined) throw new LabError("LAB_COMMAND_FAILED", this.log());
      if (performance.now() > deadline) {
        throw new LabError(
          "LAB_TIMEOUT",
          `Ropewalk did not open its socket within ${startLimit} ms; "log" shows what it printed`,
        );
      }
      await delay(50);
    }
  }

  log(): string {
    return this.#log.trimEnd();
  }
}
