/** A lab with the backhaul running in edge, and what it told, for tests that wait for it to tell something. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BackhaulEvent, BackhaulStatus, UplinkStatus } from "@ropewalk/backhaul/status";
import { createLab, type Lab, type LabOptions } from "@ropewalk/lab/lab";
import type { LabProcess } from "@ropewalk/lab/lab-process";

export type UplinkEvent = Extract<BackhaulEvent, { readonly uplink: UplinkStatus }>;

interface Told {
  /** Nanoseconds of the monotonic clock, at the subscriber. */
  readonly at: bigint;
  readonly event?: BackhaulEvent;
  readonly status?: BackhaulStatus;
}

const program = fileURLToPath(new URL("./backhaul-watch-main.ts", import.meta.url));

export class WatchedLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly #told: Told[] = [];
  readonly #errors: string[] = [];
  #process: LabProcess | undefined;

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  static async open(options: LabOptions): Promise<WatchedLab> {
    const watched = new WatchedLab(await createLab(options));
    await watched.start();
    return watched;
  }

  /** Starts the backhaul and returns its first status. */
  async start(storePath = ":memory:"): Promise<BackhaulStatus> {
    this.#told.length = 0;
    const running = this.lab.host("edge").spawn(process.execPath, [...process.execArgv, program, storePath]);
    this.#process = running;
    running.stderr.setEncoding("utf8").on("data", (text: string) => this.#errors.push(text));
    createInterface({ input: running.stdout }).on("line", (line) => {
      const { at, ...rest } = JSON.parse(line) as Omit<Told, "at"> & { readonly at: string };
      this.#told.push({ at: BigInt(at), ...rest });
    });
    return this.#status();
  }

  /** Ends the backhaul as an operator would pull its plug. */
  async kill(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }

  async status(): Promise<BackhaulStatus> {
    this.#told.splice(0, this.#told.length, ...this.#told.filter((told) => told.status === undefined));
    this.#process?.stdin.write("\n");
    return this.#status();
  }

  /** Every event about an uplink so far, oldest first. */
  uplinkEvents(): readonly { readonly at: bigint; readonly event: UplinkEvent }[] {
    return this.#told.flatMap(({ at, event }) => (event !== undefined && "uplink" in event ? [{ at, event }] : []));
  }

  removals(): readonly Extract<BackhaulEvent, { kind: "uplink-removed" }>[] {
    return this.#told.flatMap(({ event }) => (event?.kind === "uplink-removed" ? [event] : []));
  }

  /** The first event after `since` in which an uplink is as wanted; how late it came, in milliseconds. */
  async sees(
    what: string,
    since: bigint,
    isWanted: (uplink: UplinkStatus) => boolean,
  ): Promise<UplinkEvent & { readonly lateMs: number }> {
    const find = () => this.uplinkEvents().find(({ at, event }) => at >= since && isWanted(event.uplink));
    await this.until(what, () => find() !== undefined);
    const found = find();
    assert.ok(found);
    return { ...found.event, lateMs: Number(found.at - since) / 1e6 };
  }

  async until(what: string, isTrue: () => boolean, limitMs = 40_000): Promise<void> {
    const end = performance.now() + limitMs;
    while (!isTrue()) {
      assert.ok(performance.now() < end, `waited ${limitMs} ms in vain: ${what}\n${this.#errors.join("")}`);
      await delay(2);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.lab[Symbol.asyncDispose]();
  }

  async #status(): Promise<BackhaulStatus> {
    const find = () => this.#told.find((told) => told.status !== undefined)?.status;
    await this.until("the backhaul says its status", () => find() !== undefined);
    const status = find();
    assert.ok(status);
    return status;
  }
}
