/** The real daemon in the lab's edge, and a subscriber of its Unix socket that stamps each event as its bytes arrive. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get, type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventStreamReader } from "@ropewalk/api/event-stream-reader";
import type { NodeEvent } from "@ropewalk/api/events";
import type { ExplanationDocument } from "@ropewalk/api/explanation";
import { type NodeStatus, routes } from "@ropewalk/api/http";
import type { OrderVerb } from "@ropewalk/api/steering";
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";

/** `at` is CLOCK_MONOTONIC in nanoseconds, taken when the bytes reached this process. */
export interface Arrival {
  readonly at: bigint;
  readonly event: NodeEvent;
}

type Settings = Readonly<Record<string, string>>;

export interface DaemonConfiguration {
  readonly toml: string;
  /** Environment, without the ROPEWALK_ in front of each name; it counts before the TOML. */
  readonly settings: Settings;
}

const watchesOnly: DaemonConfiguration = { toml: "", settings: { BACKHAUL_PROBE_ENABLED: "false" } };

const startLimitMs = 20_000;

export class DaemonInLab implements AsyncDisposable {
  readonly socket: string;
  readonly #folder: string;
  readonly #edge: LabHost;
  readonly #words: readonly string[];
  #process: LabProcess;
  #lastWords = "";

  /**
   * `command` starts the daemon: the launcher by default. Without a configuration it probes nothing. Resolves once its
   * socket answers.
   */
  static async start(
    edge: LabHost,
    command: readonly string[],
    configuration: DaemonConfiguration = watchesOnly,
  ): Promise<DaemonInLab> {
    const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
    await writeFile(join(folder, "ropewalk.toml"), configuration.toml);
    const daemon = new DaemonInLab(edge, folder, command, configuration.settings);
    try {
      await daemon.#answering();
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(edge: LabHost, folder: string, command: readonly string[], settings: Settings) {
    this.#folder = folder;
    this.socket = join(folder, "ropewalk.sock");
    const places = { STATE_DIR: `${folder}/state`, RUNTIME_DIR: folder, CONFIG: `${folder}/ropewalk.toml` };
    const environment = Object.entries({ ...places, ...settings }).map(([name, value]) => `ROPEWALK_${name}=${value}`);
    this.#edge = edge;
    // As deploy/systemd/ropewalk.service has it.
    this.#words = [...environment, `NODE_COMPILE_CACHE=${folder}/compiled`, ...command, "node"];
    this.#process = this.#spawn();
  }

  /** The one that was started last. */
  get process(): LabProcess {
    return this.#process;
  }

  /** Kills it in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  /** Starts it anew in the same places once it has ended; it need not answer yet when this returns. */
  startAgain(): void {
    this.#process = this.#spawn();
  }

  status(): Promise<NodeStatus> {
    return this.#ask("/v1/status") as Promise<NodeStatus>;
  }

  explanation(): Promise<ExplanationDocument> {
    return this.#ask("/v1/explanation") as Promise<ExplanationDocument>;
  }

  /** Resolves when the order was taken; rejects with the daemon's words when it was not. */
  async order(verb: OrderVerb, uplinkName: string): Promise<void> {
    const { backhaul } = await this.status();
    const id = backhaul.uplinks.find(({ name }) => name === uplinkName)?.id;
    if (id === undefined) throw new Error(`the daemon knows no uplink ${uplinkName}`);
    await this.#ask(`${routes.uplink}${encodeURIComponent(id)}/${verb}`, "POST");
  }

  #ask(path: string, method: "GET" | "POST" = "GET"): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const asking = request({ socketPath: this.socket, path, method }, (response) => {
        Array.fromAsync(response)
          .then((chunks) => {
            const text = Buffer.concat(chunks as Buffer[]).toString();
            if (response.statusCode !== 200)
              throw new Error(`${path} was answered with ${response.statusCode}: ${text}`);
            resolve(JSON.parse(text));
          })
          .catch(reject);
      });
      asking.on("error", reject).end();
    });
  }

  async subscribe(): Promise<Subscription> {
    const subscription = new Subscription(await this.#openEvents());
    await subscription.next(({ event }) => event.kind === "snapshot", startLimitMs);
    return subscription;
  }

  /** Tells `onArrival` of every event from the snapshot on, until disposed of. */
  async watch(onArrival: (arrival: Arrival) => void): Promise<Disposable> {
    const response = await this.#openEvents();
    readArrivals(response, onArrival);
    return { [Symbol.dispose]: () => void response.destroy() };
  }

  #openEvents(): Promise<IncomingMessage> {
    return new Promise<IncomingMessage>((resolve, reject) => {
      get({ socketPath: this.socket, path: "/v1/events" }, resolve).on("error", reject);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #spawn(): LabProcess {
    const started = this.#edge.spawn("env", this.#words);
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#lastWords = (this.#lastWords + text).slice(-4096);
      });
    }
    return started;
  }

  async #answering(): Promise<void> {
    const deadline = performance.now() + startLimitMs;
    for (;;) {
      const reached = await this.status().then(
        () => true,
        () => false,
      );
      if (reached) return;
      if (performance.now() > deadline)
        throw new Error(`the daemon did not answer within ${startLimitMs} ms; it said: ${this.#lastWords}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function readArrivals(response: IncomingMessage, onArrival: (arrival: Arrival) => void): void {
  const reader = new EventStreamReader();
  response.on("data", (chunk: Uint8Array) => {
    const at = process.hrtime.bigint();
    for (const { data } of reader.push(chunk)) onArrival({ at, event: JSON.parse(data) });
  });
}

export class Subscription implements Disposable {
  readonly #response: IncomingMessage;
  readonly #arrivals: Arrival[] = [];
  #wake: (() => void) | undefined;

  constructor(response: IncomingMessage) {
    this.#response = response;
    readArrivals(response, (arrival) => {
      this.#arrivals.push(arrival);
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

/** The launcher of this clone, or that of what `npm run build` has staged. */
export function daemonCommand(from: "source" | "dist"): readonly string[] {
  return from === "source" ? [process.execPath, "bin/ropewalk.mjs"] : ["build/package/bin/ropewalk"];
}
