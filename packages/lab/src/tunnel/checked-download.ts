/** One large download that is checked to its last octet, and what became of it up to now. */
import { createInterface } from "node:readline";
import type { Bytes } from "@ropewalk/kernel/units";
import { downloadFigures, megabitsPerSecond, type OctetCount, type Pause } from "../demo/pure/figures.ts";
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";
import { startService } from "../service.ts";
import type { FetchWord } from "./pure/fetch-words.ts";

/** A file of random octets, and how many of them are given a second. */
export interface CheckedFile {
  readonly length: Bytes;
  readonly pace: Bytes;
}

/** Serves it on the host's loopback. */
export function serveChecked(host: LabHost, port: number, file: CheckedFile): Promise<LabProcess> {
  return startService(host, "checked-source-main", JSON.stringify({ port, ...file }));
}

export class CheckedDownload implements AsyncDisposable {
  /** How it ended; pending while it runs. */
  readonly over: Promise<Extract<FetchWord, { readonly kind: "over" }>>;
  readonly #process: LabProcess;
  readonly #counts: OctetCount[] = [];
  readonly #pauses: Pause[] = [];
  #broken: string | undefined;

  static async begin(host: LabHost, port: number, { length }: CheckedFile): Promise<CheckedDownload> {
    return new CheckedDownload(await startService(host, "checked-fetch-main", JSON.stringify({ port, length })));
  }

  private constructor(process: LabProcess) {
    this.#process = process;
    const { promise, resolve } = Promise.withResolvers<Extract<FetchWord, { readonly kind: "over" }>>();
    this.over = promise;
    const lines = createInterface({ input: process.stdout });
    lines.on("line", (line) => {
      const word = JSON.parse(line) as FetchWord;
      if (word.kind === "over") resolve(word);
      else this.#hear(word);
    });
    lines.once("close", () => resolve({ kind: "over", total: this.total, isWhole: false }));
  }

  get total(): number {
    return this.#counts.at(-1)?.total ?? 0;
  }

  /** Why its connection broke; undefined where none did. */
  get broken(): string | undefined {
    return this.#broken;
  }

  megabitsPerSecond(from: bigint, to: bigint): number {
    return megabitsPerSecond(this.#counts, from, to);
  }

  /** Milliseconds; of pauses that end later than the moment, the one that goes on among them. */
  longestPauseSince(moment: bigint, now: bigint): number {
    const last = this.#counts.at(-1)?.at ?? now;
    const present = now - last >= 100_000_000n ? [{ from: last, to: now }] : [];
    return downloadFigures({ pauses: [...this.#pauses, ...present], breaks: [] }, moment).longestPauseMs;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }

  #hear(word: Exclude<FetchWord, { readonly kind: "over" }>): void {
    switch (word.kind) {
      case "octets":
        this.#counts.push({ total: word.total, at: BigInt(word.at) });
        return;
      case "pause":
        this.#pauses.push({ from: BigInt(word.from), to: BigInt(word.to) });
        return;
      case "broken":
        this.#broken = word.reason;
        return;
    }
  }
}
