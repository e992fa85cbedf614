/** The load programs as the parts of this race call them: in a host of the ground, along a way through a tunnel. */

import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { stampLines } from "../stamped-lines.ts";
import type { Way } from "./entrant.ts";
import { type Ground, services } from "./ground.ts";
import { type LoadProgram, loadProgram } from "./load-programs.ts";

export interface PingPlan {
  readonly count: number;
  /** The first ones, which are not told. */
  readonly warm?: number;
  /** Microseconds between messages, by a clock that waits for no answer; left out: one after another. */
  readonly every?: number;
  /** Each message by a connection of its own. */
  readonly isConnecting?: boolean;
}

export interface Pinged {
  readonly sent: number;
  /** Without an answer. */
  readonly failed: number;
  readonly isBroken: boolean;
  /** When the first message was due, where they go by the clock: nanoseconds of CLOCK_MONOTONIC. */
  readonly began: bigint;
  /** Of each answer. */
  readonly micros: readonly number[];
}

export async function ping(host: LabHost, way: Way, plan: PingPlan): Promise<Pinged> {
  const pinging = await startPing(host, way, plan);
  return pinging.ended();
}

/** It ends by itself, or when it is stopped, with what it measured until then. */
export async function startPing(host: LabHost, way: Way, { count, warm = 0, every, isConnecting }: PingPlan) {
  const options = [
    ...[...placeWords(way), "--count", `${count + warm}`, "--warm", `${warm}`],
    ...(every === undefined ? [] : ["--every", `${every}`]),
    ...(isConnecting === true ? ["--connect"] : []),
  ];
  const running = await LoadProcess.start(host, "ping", options);
  const read = (told: Told): Pinged => ({
    began: BigInt(String(told["began"])),
    ...{ sent: Number(told["sent"]), failed: Number(told["failed"]), isBroken: told["broken"] === 1 },
    micros: (told["nanos"] as readonly number[]).map((nanos) => nanos / 1_000),
  });
  return {
    ended: async () => read(await running.ended()),
    stop: async () => read(await running.stop()),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** What stands behind the tunnels, at the ground's destination. */
export async function startFarEnd({ destination, address }: Ground): Promise<AsyncDisposable> {
  const ports = ["--echo", `${services.echo}`, "--stall", `${services.stall}`];
  const farEnd = await LoadProcess.start(destination, "far-end", ["--at", address, ...ports]);
  await farEnd.ready(seconds(5));
  return farEnd;
}

export interface Held extends AsyncDisposable {
  /** Ends them, and tells how many were there at the end. */
  stop(): Promise<{ readonly open: number; readonly failed: number; readonly octets: number }>;
}

/** Resolves when all are there or have failed. `isFilling`: each sends whatever is taken. */
export async function hold(
  host: LabHost,
  way: Way,
  { count, isFilling, within }: { readonly count: number; readonly isFilling?: boolean; readonly within: Millis },
): Promise<Held> {
  const options = [...placeWords(way), "--count", `${count}`, ...(isFilling === true ? ["--fill"] : [])];
  const running = await LoadProcess.start(host, "hold", options);
  try {
    await running.ready(within);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
  const stop = async () => {
    const told = await running.stop();
    return { open: Number(told["open"]), failed: Number(told["failed"]), octets: Number(told["octets"]) };
  };
  return { stop, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

export interface Churned {
  readonly done: number;
  readonly failed: number;
  readonly seconds: number;
}

/** Opens and closes `count` connections, sixteen at a time. */
export async function churn(host: LabHost, way: Way, count: number): Promise<Churned> {
  const running = await LoadProcess.start(host, "churn", [...placeWords(way), "--count", `${count}`]);
  const told = await running.ended();
  return { done: Number(told["done"]), failed: Number(told["failed"]), seconds: Number(told["nanos"]) / 1e9 };
}

function placeWords({ to, port }: Way): readonly string[] {
  return ["--to", to, "--port", `${port}`];
}

type Told = Readonly<Record<string, unknown>>;

class LoadProcess implements AsyncDisposable {
  readonly #process: LabProcess;
  readonly #name: string;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed: Promise<void>;
  #last = "";
  #complaints = "";

  static async start(host: LabHost, program: LoadProgram, options: readonly string[]): Promise<LoadProcess> {
    return new LoadProcess(host.spawn(await loadProgram(program), options), `${program} in ${host.name}`);
  }

  private constructor(running: LabProcess, name: string) {
    this.#process = running;
    this.#name = name;
    this.#closed = new Promise((resolve) => void running.stdout.once("close", resolve));
    stampLines(running.stdout, (line) => {
      if (line === "ready") this.#ready.resolve();
      else this.#last = line;
    });
    running.stderr.setEncoding("utf8").on("data", (text: string) => (this.#complaints += text));
    this.#ready.promise.catch(() => {});
    void running.exited.then(() => this.#ready.reject(new Error(`${name} ended early: ${this.#complaints}`)));
  }

  /** Throws when it has ended, or takes longer. */
  async ready(within: Millis): Promise<void> {
    const late = () => this.#ready.reject(new Error(`${this.#name} was not ready within ${within} ms`));
    const timer = setTimeout(late, within);
    await this.#ready.promise.finally(() => clearTimeout(timer));
  }

  async ended(): Promise<Told> {
    const { status, signal } = await this.#process.exited;
    await this.#closed;
    if (status !== 0 || this.#last === "")
      throw new Error(`${this.#name} ended with ${signal ?? status}: ${this.#complaints}`);
    return JSON.parse(this.#last) as Told;
  }

  async stop(): Promise<Told> {
    await this.#process.stop();
    return this.ended();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
