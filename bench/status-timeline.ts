/** What the daemon's status said of every path, and when: asked in a steady rhythm, kept where it changed. */
import type { AddressFamily, FamilyDocument } from "@ropewalk/api/http";
import type { DaemonInLab } from "./daemon-in-lab.ts";

export interface Moment {
  /** CLOCK_MONOTONIC in nanoseconds, when the answer had arrived. */
  readonly at: bigint;
  readonly path: FamilyDocument;
}

const askEveryMs = 250;

export class StatusTimeline implements AsyncDisposable {
  readonly #daemon: DaemonInLab;
  readonly #moments = new Map<string, Moment[]>();
  readonly #asking: Promise<void>;
  #isOver = false;

  constructor(daemon: DaemonInLab) {
    this.#daemon = daemon;
    this.#asking = this.#ask();
  }

  /** Every change of the path, oldest first. */
  of(uplink: string, family: AddressFamily): readonly Moment[] {
    return this.#moments.get(`${uplink} ${family}`) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#asking;
  }

  async #ask(): Promise<void> {
    while (!this.#isOver) {
      const { backhaul } = await this.#daemon.status();
      const at = process.hrtime.bigint();
      for (const { name, ipv4, ipv6 } of backhaul.uplinks) {
        this.#note(`${name} ipv4`, { at, path: ipv4 });
        this.#note(`${name} ipv6`, { at, path: ipv6 });
      }
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  }

  #note(key: string, moment: Moment): void {
    const moments = this.#moments.get(key) ?? [];
    this.#moments.set(key, moments);
    const last = moments.at(-1)?.path;
    const { path } = moment;
    if (last?.state !== path.state || last.reason.text !== path.reason.text || last.source !== path.source) {
      moments.push(moment);
    }
  }
}
