/**
 * The real program in a lab of its own: it sees the lab's uplinks and no others, and keeps its files in a folder that goes
 * with the lab. Sockets are reached from outside by their path; loopback HTTP only from inside the lab's network.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNodeClient, type NodeClient } from "@ropewalk/api/client";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { createLab, type Lab, type LabOptions } from "@ropewalk/lab/lab";
import type { Finished, LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { probeConfiguration, type SaidOfUplink } from "@ropewalk/lab/probe-configuration";
import { createUnixFetch, unixBaseUrl } from "../../src/local-api/unix-transport.ts";
import { testedProgram } from "../tested-program.ts";
import { growingPause } from "./growing-pause.ts";

const compileCache = process.env["NODE_COMPILE_CACHE"];

/** Without privileges but able to read a clone in anybody's home: watching must need no more. */
export const asNobody: readonly string[] = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--inh-caps=-all,+dac_read_search",
  "--ambient-caps=-all,+dac_read_search",
  "--bounding-set=-all,+dac_read_search",
];

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What the program's command line is put behind. */
  readonly prefix?: readonly string[];
  /** What Node is given before the words; default is the real program. */
  readonly program?: readonly string[];
  /** Where in the lab; default is edge, which has the uplinks. */
  readonly host?: string;
}

export class NodeInLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly folder: string;

  readonly #settings: Readonly<Record<string, string>>;

  private constructor(lab: Lab, folder: string, settings: Readonly<Record<string, string>>) {
    this.lab = lab;
    this.folder = folder;
    this.#settings = settings;
  }

  /** Nothing is measured: the default targets are not of the lab's internet, and all uplinks would be down. */
  static async open(uplinks: number): Promise<NodeInLab> {
    return NodeInLab.#open({ uplinks }, () => ({ ROPEWALK_BACKHAUL_PROBE_ENABLED: "false" }));
  }

  /** Measures against the lab's own targets; its configuration is `configFile`, to which `more` was added. */
  static async openMeasuring(
    uplinks: LabOptions["uplinks"] & {},
    more: string,
    options: LabOptions = {},
    said: Readonly<Record<string, SaidOfUplink>> = {},
  ): Promise<NodeInLab> {
    return NodeInLab.#open({ ...options, uplinks }, (lab, folder) => {
      const file = configIn(folder);
      writeFileSync(file, `${probeConfiguration(lab, undefined, said)}\n${more}`);
      return { ROPEWALK_CONFIG: file };
    });
  }

  static async #open(
    options: LabOptions,
    configure: (lab: Lab, folder: string) => Readonly<Record<string, string>>,
  ): Promise<NodeInLab> {
    const folder = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
    try {
      const lab = await createLab(options);
      return new NodeInLab(lab, folder, configure(lab, folder));
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  get configFile(): string {
    return configIn(this.folder);
  }

  get edge(): LabHost {
    return this.lab.host("edge");
  }

  get socket(): string {
    return join(this.folder, "run/ropewalk.sock");
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: this.folder,
      ROPEWALK_RUNTIME_DIR: join(this.folder, "run"),
      ROPEWALK_STATE_DIR: join(this.folder, "state"),
      // More than half of a start is to compile what an earlier start has compiled.
      ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
      ...this.#settings,
    };
  }

  /** Runs a command of the program to its end. */
  run(words: readonly string[], options: StartOptions = {}): Promise<Finished> {
    const [command, args] = this.#commandLine(words, options);
    return this.lab
      .host(options.host ?? "edge")
      .tryExec(command, args, { deadline: seconds(60), env: this.#env(options) });
  }

  /** Starts a command that stays. The caller disposes of it. */
  start(words: readonly string[], options: StartOptions = {}): Started {
    const [command, args] = this.#commandLine(words, options);
    return new Started(this.lab.host(options.host ?? "edge").spawn(command, args, { env: this.#env(options) }));
  }

  /** Starts `ropewalk node` and waits until its API answers. */
  async startNode(options: StartOptions = {}): Promise<Started> {
    const started = this.start(["node"], options);
    await started.until("the node answers", async () => (await this.client().status(soon())).health.ready);
    return started;
  }

  client(socket: string = this.socket): NodeClient {
    return createNodeClient(createUnixFetch(socket), unixBaseUrl);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true });
  }

  #commandLine(words: readonly string[], { prefix = [], program = testedProgram }: StartOptions): [string, string[]] {
    const [command = "", ...args] = [...prefix, process.execPath, ...program, ...words];
    return [command, args];
  }

  #env({ env }: StartOptions): NodeJS.ProcessEnv {
    return { ...this.environment, ...env };
  }
}

function configIn(folder: string): string {
  return join(folder, "ropewalk.toml");
}

/** A running program and all that it has printed. */
export class Started implements AsyncDisposable {
  readonly process: LabProcess;
  stdout = "";
  stderr = "";

  constructor(process: LabProcess) {
    this.process = process;
    process.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  /** Waits for a condition, a failing question counting as no; fails with what the program said when it ends or time runs out. */
  async until(what: string, isTrue: () => boolean | Promise<boolean>, patience: Millis = seconds(40)): Promise<void> {
    let hasEnded = false;
    void this.process.exited.then(() => {
      hasEnded = true;
    });
    const began = performance.now();
    for (;;) {
      if (await Promise.try(isTrue).catch(() => false)) return;
      const said = `${this.stdout}${this.stderr}`;
      assert.ok(!hasEnded, `the program ended before this: ${what}\n${said}`);
      assert.ok(performance.now() < began + patience, `${patience} ms in vain for this: ${what}\n${said}`);
      await growingPause(began);
    }
  }

  /** Its exit status after the signal. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    await this.process.kill(signal);
    return (await this.process.exited).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

/** For one question to a node. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000);
}
