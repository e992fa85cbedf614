/** The real daemon in the lab's edge, and a subscriber of its Unix socket that stamps each event as its bytes arrive. */
import { mkdtemp, rm } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventStreamReader } from "@ropewalk/api/event-stream-reader";
import type { NodeEvent } from "@ropewalk/api/events";
import type { NodeStatus } from "@ropewalk/api/http";
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";

/** `at` is CLOCK_MONOTONIC in nanoseconds, taken when the bytes reached this process. */
export interface Arrival {
  readonly at: bigint;
  readonly event: NodeEvent;
}

const startLimitMs = 20_000;

export class DaemonInLab implements AsyncDisposable {
  readonly socket: string;
  readonly process: LabProcess;
  readonly #folder: string;

  /** `command` starts the daemon: the launcher by default. Resolves once its socket answers. */
  static async start(edge: LabHost, command: readonly string[]): Promise<DaemonInLab> {
    const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
    const daemon = new DaemonInLab(edge, folder, command);
    try {
      await daemon.#answering();
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(edge: LabHost, folder: string, command: readonly string[]) {
    this.#folder = folder;
    this.socket = join(folder, "ropewalk.sock");
    const environment = [`ROPEWALK_STATE_DIR=${folder}/state`, `ROPEWALK_RUNTIME_DIR=${folder}`];
    this.process = edge.spawn("env", [...environment, "ROPEWALK_BACKHAUL_PROBE_ENABLED=false", ...command, "node"]);
    this.process.stdout.resume();
    this.process.stderr.resume();
  }

  status(): Promise<NodeStatus> {
    return new Promise((resolve, reject) => {
      get({ socketPath: this.socket, path: "/v1/status" }, (response) => {
        Array.fromAsync(response)
          .then((chunks) => resolve(JSON.parse(Buffer.concat(chunks as Buffer[]).toString())))
          .catch(reject);
      }).on("error", reject);
    });
  }

  async subscribe(): Promise<Subscription> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ socketPath: this.socket, path: "/v1/events" }, resolve).on("error", reject);
    });
    const subscription = new Subscription(response);
    await subscription.next(({ event }) => event.kind === "snapshot", startLimitMs);
    return subscription;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answering(): Promise<void> {
    const deadline = performance.now() + startLimitMs;
    for (;;) {
      const reached = await this.status().then(
        () => true,
        () => false,
      );
      if (reached) return;
      if (performance.now() > deadline) throw new Error(`the daemon did not answer within ${startLimitMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export class Subscription implements Disposable {
  readonly #response: IncomingMessage;
  readonly #reader = new EventStreamReader();
  readonly #arrivals: Arrival[] = [];
  #wake: (() => void) | undefined;

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.on("data", (chunk: Uint8Array) => {
      const at = process.hrtime.bigint();
      for (const { data } of this.#reader.push(chunk)) this.#arrivals.push({ at, event: JSON.parse(data) });
      this.#wake?.();
    });
  }

  /** The first arrival not yet taken that satisfies `wanted`; those before it are dropped. Undefined past the limit. */
  async next(wanted: (arrival: Arrival) => boolean, limitMs: number): Promise<Arrival | undefined> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      for (let arrival = this.#arrivals.shift(); arrival !== undefined; arrival = this.#arrivals.shift()) {
        if (wanted(arrival)) return arrival;
      }
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Everything that arrived and was not taken. */
  drain(): readonly Arrival[] {
    return this.#arrivals.splice(0);
  }

  [Symbol.dispose](): void {
    this.#response.destroy();
  }
}

/** The launcher of this clone, or the compiled program of `npm run build`'s staging by the same launcher. */
export function daemonCommand(from: "source" | "dist"): readonly string[] {
  const launcher = from === "source" ? "bin/ropewalk.mjs" : "build/package/bin/ropewalk.mjs";
  return [process.execPath, launcher];
}
