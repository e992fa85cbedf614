/**
 * A tunnel over the lab's uplinks, as people run one: `ropewalk tunnel source` on edge beside the node there, `ropewalk tunnel
 * destination` on a target, every setting but the mode as shipped, and what the source's log says of its lane.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "@ropewalk/kernel/units";
import { addressOf } from "../demo/ways.ts";
import { LabError } from "../errors.ts";
import type { Lab } from "../lab.ts";
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";
import { nodeRuntime } from "../ropewalk-in-lab.ts";
import type { TunnelMode } from "./pure/tunnel-script.ts";
import { type LaneWord, TunnelStory } from "./pure/tunnel-story.ts";
import { destinationName, type EndFiles, makeEndFiles } from "./tunnel-identities.ts";

export interface TunnelPlan {
  /** The path of `bin/ropewalk.mjs`. */
  readonly launcher: string;
  /** For keys, configurations and state; the caller's, who removes it. */
  readonly folder: string;
  /** Where the destination is. */
  readonly far: string;
  /** Ports on edge's loopback, each led to the same port of the far end's loopback. */
  readonly ports: readonly number[];
  /** Default "hybrid", as shipped. */
  readonly mode?: TunnelMode;
  readonly onWord?: (word: LaneWord) => void;
}

const wirePort = 8443;
/** The first contact moves a large public key. */
const startLimit = seconds(60);
const keptText = 8 * 1024;

export class TunnelInLab implements AsyncDisposable {
  readonly story: TunnelStory = new TunnelStory();
  readonly #stack = new AsyncDisposableStack();
  #said = "";
  #ended: string | undefined;

  /** Resolves when there is a session. Throws LAB_COMMAND_FAILED, LAB_TIMEOUT. */
  static async start(lab: Lab, plan: TunnelPlan): Promise<TunnelInLab> {
    await using unwinding = new AsyncDisposableStack();
    const tunnel = unwinding.use(new TunnelInLab());
    const isHybrid = plan.mode !== "mlkem768";
    const { source, destination } = await makeEndFiles(plan.launcher, plan.folder, isHybrid);
    await tunnel.#run(lab.host(plan.far), plan, "destination", destination);
    await tunnel.#run(lab.host("edge"), plan, "source", source);
    await tunnel.#begun();
    unwinding.move();
    return tunnel;
  }

  private constructor() {}

  /** Why an end is not there any more; undefined while both are. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** The last of what both ends have said. */
  get log(): string {
    return this.#said.trimEnd();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }

  async #run(host: LabHost, plan: TunnelPlan, role: "source" | "destination", files: EndFiles): Promise<void> {
    const state = join(plan.folder, role);
    await mkdir(state, { recursive: true, mode: 0o700 });
    const file = join(state, "ropewalk.toml");
    await writeFile(file, tomlOf(plan, role, files).join("\n"));
    // The source looks for the node where the node's own socket is; nothing else is there on a target.
    const environment = [`ROPEWALK_STATE_DIR=${state}`, `ROPEWALK_RUNTIME_DIR=${nodeRuntime}`];
    const words = [...environment, process.execPath, plan.launcher, "tunnel", role, "--config", file];
    const end = host.spawn("env", words);
    this.#stack.use(end);
    for (const stream of [end.stdout, end.stderr])
      createInterface({ input: stream }).on("line", (line) => this.#hear(role, line, plan.onWord));
    void end.exited.then(({ status, signal }) => {
      this.#ended ??= `the tunnel's ${role} ended with ${signal ?? status}: ${this.log}`;
    });
    if (role === "destination") await this.#listens(host, end);
  }

  #hear(role: string, line: string, onWord: TunnelPlan["onWord"]): void {
    this.#said = `${this.#said}${role}: ${line}\n`.slice(-keptText);
    const word = role === "source" ? this.story.hear(line) : undefined;
    if (word !== undefined) onWord?.(word);
  }

  async #listens(host: LabHost, end: LabProcess): Promise<void> {
    const deadline = performance.now() + startLimit;
    const isOver = end.exited.then(() => true);
    while ((await host.tryExec("test", ["-S", `${nodeRuntime}/tunnel-destination.sock`])).status !== 0) {
      if (await Promise.race([isOver, delay(50)])) throw new LabError("LAB_COMMAND_FAILED", this.log);
      if (performance.now() > deadline) throw new LabError("LAB_TIMEOUT", `the destination did not start: ${this.log}`);
    }
  }

  async #begun(): Promise<void> {
    const deadline = performance.now() + startLimit;
    while (this.story.by === undefined) {
      if (this.#ended !== undefined) throw new LabError("LAB_COMMAND_FAILED", this.#ended);
      if (performance.now() > deadline) throw new LabError("LAB_TIMEOUT", `there was no session: ${this.log}`);
      await delay(20);
    }
  }
}

function tomlOf(
  { far, ports, mode = "hybrid" }: TunnelPlan,
  role: "source" | "destination",
  files: EndFiles,
): readonly string[] {
  const wire = `${addressOf(far)}:${wirePort}`;
  const identity = Object.entries({ mode, ...files }).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  if (role === "destination")
    return [
      ...["[tunnel]", ...identity, "[tunnel.destination]", `listen = ["${wire}"]`],
      ...ports.flatMap((port) => [
        ...["[[tunnel.destination.service]]", `name = "port-${port}"`, `port = ${port}`],
        `target = "127.0.0.1:${port}"`,
      ]),
    ];
  return [
    ...["[tunnel]", ...identity, "[tunnel.source]", `destinations = ["${wire}"]`],
    `server_names = ["${destinationName}"]`,
    ...ports.flatMap((port) => ["[[tunnel.source.expose]]", `port = ${port}`]),
  ];
}
