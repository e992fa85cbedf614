/** Ropewalk itself, as edge runs it: with its state in edge's own /run, measuring against the lab's own internet. */
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { Lab } from "./lab.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";
import { probeConfiguration } from "./pure/probe-configuration.ts";

/** A first start may have to install what it runs on. */
const startLimit = seconds(60);
/** How much of what it printed is kept; the oldest goes first. */
const logLimit = 64 * 1024;

/** Where its socket is; every host has a folder of that name, of its own. */
export const nodeRuntime = "/run/lab/runtime";
const configuration = "/run/lab/ropewalk.toml";
const environment: readonly string[] = [
  "ROPEWALK_STATE_DIR=/run/lab/state",
  `ROPEWALK_RUNTIME_DIR=${nodeRuntime}`,
  `ROPEWALK_CONFIG=${configuration}`,
];

export class RopewalkInLab {
  readonly #lab: Lab;
  readonly #edge: LabHost;
  readonly #launcher: string;
  readonly #settings: readonly string[];
  #running: LabProcess | undefined;
  #log = "";

  /** `launcher` is the path of `bin/ropewalk.mjs`; `settings` are of its environment, without the ROPEWALK_ in front. */
  constructor(lab: Lab, launcher: string, settings: Readonly<Record<string, string>> = {}) {
    this.#lab = lab;
    this.#settings = Object.entries(settings).map(([name, value]) => `ROPEWALK_${name}=${value}`);
    this.#edge = lab.host("edge");
    this.#launcher = launcher;
  }

  /** What runs `ropewalk` with these words in edge, configured for the lab's internet as it is now. */
  async commandLine(words: readonly string[]): Promise<readonly [command: string, ...args: string[]]> {
    const write = ["-c", 'cat >"$1"', "write", configuration];
    await this.#edge.exec("sh", write, { input: probeConfiguration(this.#lab) });
    return ["env", ...environment, ...this.#settings, process.execPath, this.#launcher, ...words];
  }

  /** Starts it, waits until it can be asked, and leaves it running. Throws LAB_BAD_REQUEST, LAB_TIMEOUT. */
  async start(words: readonly string[]): Promise<string> {
    if (this.#running !== undefined) throw new LabError("LAB_BAD_REQUEST", "Ropewalk runs in edge already");
    const [command, ...args] = await this.commandLine(words);
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

  /** Runs one command to its end. Throws LAB_COMMAND_FAILED unless it exits with 0. */
  async run(words: readonly string[]): Promise<string> {
    const [command, ...args] = await this.commandLine(words);
    return (await this.#edge.exec(command, args)).stdout;
  }

  async #canBeAsked(): Promise<void> {
    const deadline = performance.now() + startLimit;
    while ((await this.#edge.tryExec("test", ["-S", `${nodeRuntime}/ropewalk.sock`])).status !== 0) {
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
