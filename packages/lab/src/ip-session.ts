/**
 * A kept-open `ip -batch` in one host. A change costs a write to a pipe and no process, so the time taken just before
 * the write is within about 0.2 ms of the kernel's change.
 */
import { createInterface } from "node:readline";
import { withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";

interface Batch {
  readonly complaints: string[];
  readonly settle: (complaints: readonly string[] | undefined) => void;
}

const limit = seconds(10);

/** Printed only by the command that closes a batch: loopback is in every host, and no batch asks about links. */
const closing = "link show dev lo\n";
const closed = /^\s+link\/loopback /;
const closingHeader = /^1: lo: /;

export class IpSession implements AsyncDisposable {
  readonly #host: LabHost;
  readonly #process: LabProcess;
  readonly #batches: Batch[] = [];
  #isGone = false;

  constructor(host: LabHost) {
    this.#host = host;
    // Both streams into one pipe: a complaint then comes before the end of the batch that it belongs to.
    this.#process = host.spawn("sh", ["-c", "exec ip -force -batch - 2>&1"]);
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#onLine(line));
    void this.#process.exited.then(() => {
      this.#isGone = true;
      for (const batch of this.#batches.splice(0)) batch.settle(undefined);
    });
  }

  /**
   * Runs the lines (without the word `ip`) in order and returns CLOCK_MONOTONIC in nanoseconds from just before they
   * were handed over. Throws LAB_COMMAND_FAILED with what iproute2 said; earlier lines then stay.
   */
  async run(lines: readonly string[]): Promise<bigint> {
    if (this.#isGone) throw this.#gone();
    const done = new Promise<readonly string[] | undefined>((settle) => this.#batches.push({ complaints: [], settle }));
    const text = [...lines, closing].join("\n");
    const at = process.hrtime.bigint();
    this.#process.stdin.write(text);
    const late = () => new LabError("LAB_TIMEOUT", `ip in ${this.#host.name} did not answer within ${limit} ms`);
    const complaints = await withDeadline(createSystemClock(), "ip batch", limit, done, late);
    if (complaints === undefined) throw this.#gone();
    if (complaints.length === 0) return at;
    const where = `ip in ${this.#host.name}, commands:\n${lines.join("\n")}\n`;
    throw new LabError("LAB_COMMAND_FAILED", `${where}answer: ${complaints.join("; ")}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }

  #gone(): LabError {
    return new LabError("LAB_GONE", `ip in ${this.#host.name} ended`);
  }

  #onLine(line: string): void {
    const batch = this.#batches[0];
    if (batch === undefined || closingHeader.test(line)) return;
    if (!closed.test(line)) return void batch.complaints.push(line);
    this.#batches.shift();
    batch.settle(batch.complaints);
  }
}
