/**
 * The silent blackhole of one uplink, and the moment it is in force: nft's process needs some 10 ms around its commit, so
 * the commit itself is what `nft monitor` tells of, within a millisecond.
 */
import type { Lab } from "@ropewalk/lab/lab";
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { stampLines } from "./stamped-lines.ts";

export const blackholeWays = ["both", "tx", "rx"] as const;
export type BlackholeWay = (typeof blackholeWays)[number];

const limitMs = 5_000;

export class Blackhole implements AsyncDisposable {
  readonly uplink: string;
  readonly #lab: Lab;
  readonly #isp: LabHost;
  readonly #monitor: LabProcess;
  #onCommit: ((at: bigint) => void) | undefined;

  /** Resolves once commits are seen. */
  static async prepare(lab: Lab, uplink: string): Promise<Blackhole> {
    const blackhole = new Blackhole(lab, uplink);
    try {
      await blackhole.#untilWatching();
      return blackhole;
    } catch (error) {
      await blackhole[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(lab: Lab, uplink: string) {
    this.uplink = uplink;
    this.#lab = lab;
    this.#isp = lab.host(lab.uplink(uplink).isp);
    this.#monitor = this.#isp.spawn("nft", ["monitor"]);
    this.#monitor.stderr.resume();
    stampLines(this.#monitor.stdout, (line, at) => {
      if (line.startsWith("# new generation")) this.#onCommit?.(at);
    });
  }

  /** CLOCK_MONOTONIC in nanoseconds when it was in force. */
  async open(way: BlackholeWay): Promise<bigint> {
    const committed = this.#nextCommit(limitMs);
    const { at, doneAt } = await this.#lab.blackhole(this.uplink, way);
    const seen = await committed;
    if (seen === undefined || seen < at) throw new Error(`nft did not tell when ${this.uplink} was made a blackhole`);
    if (seen > doneAt) return doneAt;
    return seen;
  }

  /** Packets pass again. Not by `heal`, which would take the uplink's delay away as well. */
  async close(): Promise<void> {
    await this.#isp.exec("nft", ["flush chain inet lab fault-tx; flush chain inet lab fault-rx"]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#monitor[Symbol.asyncDispose]();
  }

  async #untilWatching(): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      const seen = this.#nextCommit(100);
      await this.#isp.exec("nft", ["add chain inet lab bench; delete chain inet lab bench"]);
      if ((await seen) !== undefined) return;
    }
    throw new Error(`nft monitor in ${this.#isp.name} did not tell of a change within ${limitMs} ms`);
  }

  #nextCommit(patienceMs: number): Promise<bigint | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), patienceMs);
      this.#onCommit = (at) => {
        clearTimeout(timer);
        resolve(at);
      };
    });
  }
}
