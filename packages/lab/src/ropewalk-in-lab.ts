/** Ropewalk itself, as edge runs it: with its state in edge's own /run, watching and sending nothing of its own. */
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";

/** How much of what it printed is kept; the oldest goes first. */
const logLimit = 64 * 1024;

const environment: readonly string[] = [
  "ROPEWALK_STATE_DIR=/run/lab/state",
  "ROPEWALK_RUNTIME_DIR=/run/lab/runtime",
  "ROPEWALK_BACKHAUL_PROBE_ENABLED=false",
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

  /** Starts it and leaves it running. Throws LAB_BAD_REQUEST when it runs already. */
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
    return 'Ropewalk starts in edge; "ropewalk status" asks it, "log" shows what it prints';
  }

  log(): string {
    return this.#log.trimEnd();
  }
}
