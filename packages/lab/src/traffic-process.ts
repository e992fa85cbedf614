/**
 * One running traffic program: it is there once it has said so, and at its end it tells one line and the packets that it
 * kept.
 */
import { withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";
import { type Packet, packetSize, parsePackets } from "./pure/packet-record.ts";
import { compiled, type TrafficProgram } from "./traffic-programs.ts";

/** A program's last words: one JSON object, and the packets whose number is its `records`. */
export interface LastWords {
  readonly line: Readonly<Record<string, unknown>>;
  readonly packets: readonly Packet[];
}

const ready = "ready\n";
const limit = seconds(10);

export class TrafficProcess<T> implements AsyncDisposable {
  readonly #process: LabProcess;
  readonly #read: (words: LastWords) => T;
  readonly #name: string;
  readonly #chunks: Buffer[] = [];
  readonly #closed: Promise<void>;
  #complaints = "";
  #onOutput: () => void = () => {};

  /** Resolves once it says that it is ready. Throws LAB_START_FAILED with its words, LAB_UNSUPPORTED without a compiler. */
  static async start<T>(
    host: LabHost,
    program: TrafficProgram,
    args: readonly string[],
    read: (words: LastWords) => T,
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

  private constructor(running: LabProcess, name: string, read: (words: LastWords) => T) {
    this.#process = running;
    this.#read = read;
    this.#name = name;
    this.#closed = new Promise((resolve) => void running.stdout.once("close", () => resolve()));
    running.stdout.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#onOutput();
    });
    running.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4096);
    });
  }

  /** Waits until it ends by itself, and reads what it told. Throws LAB_COMMAND_FAILED when it failed. */
  async ended(): Promise<T> {
    const { status, signal } = await this.#process.exited;
    await this.#closed;
    if (status !== 0) throw this.#failure("LAB_COMMAND_FAILED", `ended with ${signal ?? status}`);
    return this.#read(parseLastWords(Buffer.concat(this.#chunks).subarray(ready.length)));
  }

  /** Asks it to end and to tell. Throws as `ended`. */
  async stop(): Promise<T> {
    await this.#process.stop();
    return this.ended();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }

  #untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onOutput = () => {
        if (this.#chunks.reduce((sum, { length }) => sum + length, 0) >= ready.length) resolve();
      };
      void this.#process.exited.then(() => reject(this.#failure("LAB_START_FAILED", "did not start")));
    });
  }

  #failure(code: "LAB_START_FAILED" | "LAB_COMMAND_FAILED", what: string): LabError {
    return new LabError(code, `${this.#name} ${what}: ${this.#complaints.trim() || "it said nothing"}`);
  }
}

function parseLastWords(told: Buffer): LastWords {
  const end = told.indexOf("\n");
  const line = JSON.parse(told.subarray(0, end).toString()) as Record<string, unknown>;
  const count = Number(line["records"] ?? 0);
  return { line, packets: parsePackets(told.subarray(end + 1, end + 1 + count * packetSize)) };
}
