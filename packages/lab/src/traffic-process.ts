/**
 * One running traffic program: it is there once it has said so, tells when packets begin to come by another way, what it says
 * as it goes to whoever follows, and at its end what it kept.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";
import { TrafficOutput, type TrafficTold, type TrafficWord } from "./pure/traffic-output.ts";
import { compiled, type TrafficProgram } from "./traffic-programs.ts";

const limit = seconds(10);

export class TrafficProcess<T> implements AsyncDisposable {
  readonly #process: LabProcess;
  readonly #read: (told: TrafficTold) => T;
  readonly #name: string;
  readonly #output = new TrafficOutput();
  readonly #closed: Promise<void>;
  #complaints = "";
  #isReady = false;
  #latest: Extract<TrafficWord, { kind: "from" }> | undefined;
  #onWord: () => void = () => {};
  readonly #followers = new Set<(word: TrafficWord) => void>();

  /** Resolves once it says that it is ready. Throws LAB_START_FAILED with its words, LAB_UNSUPPORTED without a compiler. */
  static async start<T>(
    host: LabHost,
    program: TrafficProgram,
    args: readonly string[],
    read: (told: TrafficTold) => T,
  ): Promise<TrafficProcess<T>> {
    const running = host.spawn(await compiled(program), args);
    const started = new TrafficProcess(running, `${program} in ${host.name}`, read);
    try {
      const late = () => new LabError("LAB_TIMEOUT", `${started.#name} was not ready within ${limit} ms`);
      await withDeadline(createSystemClock(), `start ${program}`, limit, started.#untilReady(), late);
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(running: LabProcess, name: string, read: (told: TrafficTold) => T) {
    this.#process = running;
    this.#read = read;
    this.#name = name;
    this.#closed = new Promise((resolve) => void running.stdout.once("close", () => resolve()));
    running.stdout.on("data", (chunk: Buffer) => {
      for (const word of this.#output.push(chunk)) this.#hear(word);
    });
    running.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4096);
    });
  }

  /**
   * When packets began to come from `address`, or replies to come in there, and have not changed since; waits for it, and is
   * undefined past `patience`. One waits at a time.
   */
  comesFrom(address: IpAddress, patience: Millis): Promise<bigint | undefined> {
    return this.#comesBy((latest) => latest === address, patience);
  }

  /** As `comesFrom`, of any address but this one. */
  comesFromAnother(than: IpAddress, patience: Millis): Promise<bigint | undefined> {
    return this.#comesBy((latest) => latest !== than, patience);
  }

  async #comesBy(isWanted: (latest: IpAddress) => boolean, patience: Millis): Promise<bigint | undefined> {
    const isThere = () => this.#latest !== undefined && isWanted(this.#latest.address);
    const change = new Promise<void>((resolve) => {
      if (isThere()) resolve();
      this.#onWord = () => void (isThere() && resolve());
    });
    const late = () => new LabError("LAB_TIMEOUT", "");
    return withDeadline(createSystemClock(), "change of way", patience, change, late).then(
      () => this.#latest?.at,
      () => undefined,
    );
  }

  /** Tells of the way of the moment and of every word that it says from now on, until disposed of. */
  follow(hear: (word: TrafficWord) => void): Disposable {
    this.#followers.add(hear);
    if (this.#latest !== undefined) hear(this.#latest);
    return { [Symbol.dispose]: () => void this.#followers.delete(hear) };
  }

  /** Waits until it ends by itself, and reads what it told. Throws LAB_COMMAND_FAILED when it failed. */
  async ended(): Promise<T> {
    const { status, signal } = await this.#process.exited;
    await this.#closed;
    if (status !== 0) throw this.#failure("LAB_COMMAND_FAILED", `ended with ${signal ?? status}`);
    return this.#read(this.#output.end());
  }

  /** Asks it to end and to tell. Throws as `ended`. */
  async stop(): Promise<T> {
    await this.#process.stop();
    return this.ended();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }

  #hear(word: TrafficWord): void {
    switch (word.kind) {
      case "ready":
        this.#isReady = true;
        break;
      case "from":
        this.#latest = word;
        break;
      case "packet":
      case "octets":
      case "pause":
      case "broken":
        break;
    }
    this.#onWord();
    for (const hear of this.#followers) hear(word);
  }

  #untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onWord = () => void (this.#isReady && resolve());
      void this.#process.exited.then(() => reject(this.#failure("LAB_START_FAILED", "did not start")));
    });
  }

  #failure(code: "LAB_START_FAILED" | "LAB_COMMAND_FAILED", what: string): LabError {
    return new LabError(code, `${this.#name} ${what}: ${this.#complaints.trim() || "it said nothing"}`);
  }
}
