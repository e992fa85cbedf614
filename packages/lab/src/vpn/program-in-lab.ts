/** One of Ropewalk's programs on a host of the lab, as people run it: with a configuration, a state and a runtime folder of its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../errors.ts";
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";

export interface ProgramPlan {
  readonly host: LabHost;
  /** The path of `bin/ropewalk.mjs`. */
  readonly launcher: string;
  /** "core": the command that runs it. */
  readonly role: string;
  /** Of this program alone; the caller's, who removes it. */
  readonly folder: string;
  readonly configuration: string;
}

const keptText = 16 * 1024;

export class ProgramInLab implements AsyncDisposable {
  readonly #plan: ProgramPlan;
  #running: LabProcess | undefined;
  #said = "";

  constructor(plan: ProgramPlan) {
    this.#plan = plan;
  }

  get folder(): string {
    return this.#plan.folder;
  }

  /** As this process sees it; undefined while it does not run. Throws LAB_TIMEOUT. */
  pid(): Promise<number | undefined> {
    return this.#running?.pid() ?? Promise.resolve(undefined);
  }

  /** The last of what it has said. */
  get log(): string {
    return this.#said.trimEnd();
  }

  async start(): Promise<void> {
    const { host, launcher, role, folder, configuration } = this.#plan;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, "ropewalk.toml"), configuration, { mode: 0o600 });
    const running = host.spawn("env", [...this.#environment, process.execPath, launcher, role]);
    this.#running = running;
    for (const stream of [running.stdout, running.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#said = `${this.#said}${text}`.slice(-keptText);
      });
  }

  /** As `kill -9`, and waits until it is gone. */
  async kill(): Promise<void> {
    await this.#running?.kill("SIGKILL");
    await this.#running?.exited;
  }

  /** What one of its commands prints. Throws LAB_COMMAND_FAILED. */
  async command(...words: readonly string[]): Promise<string> {
    const { host, launcher, role } = this.#plan;
    const line = [...this.#environment, process.execPath, launcher, role, ...words];
    return (await host.exec("env", line)).stdout.trimEnd();
  }

  /** Asks a command again until it is answered. Throws LAB_TIMEOUT with what the program said. */
  async answers(...words: readonly string[]): Promise<string> {
    for (const end = performance.now() + 30_000; ; ) {
      const answer = await this.command(...words).catch(() => undefined);
      if (answer !== undefined) return answer;
      if (performance.now() > end)
        throw new LabError("LAB_TIMEOUT", `ropewalk ${this.#plan.role} did not start: ${this.log}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
  }

  get #environment(): readonly string[] {
    const { folder } = this.#plan;
    return [
      `ROPEWALK_CONFIG=${join(folder, "ropewalk.toml")}`,
      `ROPEWALK_STATE_DIR=${join(folder, "state")}`,
      `ROPEWALK_RUNTIME_DIR=${join(folder, "run")}`,
      ...["ROPEWALK_NODE_HTTP=off", "ROPEWALK_BACKHAUL_PROBE_ENABLED=false", "ROPEWALK_MESH_DISCOVERY_ENABLED=false"],
    ];
  }
}
