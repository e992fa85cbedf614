/** Deletes Ropewalk's table of nftables in edge, and tells by `nft monitor` when it was gone and when it was back. */
import type { LabHost } from "@ropewalk/lab/lab-host";
import { PeerProcesses } from "../peers/peer-process.ts";
import { until } from "./ways.ts";

/** packages/host/src/allocations.ts; the bench looks with nft's eyes. */
const table = ["table", "inet", "ropewalk"] as const;
const probe = ["table", "inet", "bench"] as const;
const watchLimitMs = 5_000;
const repairLimitMs = 30_000;

export class FirewallDamage implements AsyncDisposable {
  readonly #edge: LabHost;
  readonly #processes = new PeerProcesses();
  #onLine: (line: string, at: bigint) => void = () => {};

  /** Resolves once changes are seen. */
  static async prepare(edge: LabHost): Promise<FirewallDamage> {
    const damage = new FirewallDamage(edge);
    try {
      await damage.#untilWatching();
      return damage;
    } catch (error) {
      await damage[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(edge: LabHost) {
    this.#edge = edge;
    this.#processes.start(edge, "nft monitor", ["nft", "monitor", "tables"], (line, at) => this.#onLine(line, at));
  }

  /** Milliseconds until it was back; Infinity past the limit, undefined where there was no table. */
  async inflict(): Promise<number | undefined> {
    const { promise: back, resolve } = Promise.withResolvers<number | undefined>();
    let goneAt: bigint | undefined;
    this.#onLine = (line, at) => {
      if (line === `delete ${table.join(" ")}`) goneAt ??= at;
      else if (line === `add ${table.join(" ")}` && goneAt !== undefined) resolve(Number(at - goneAt) / 1e6);
    };
    const timer = setTimeout(() => resolve(Number.POSITIVE_INFINITY), repairLimitMs);
    const { status } = await this.#edge.tryExec("nft", ["delete", ...table]);
    if (status !== 0) resolve(undefined);
    return back.finally(() => clearTimeout(timer));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#processes[Symbol.asyncDispose]();
  }

  async #untilWatching(): Promise<void> {
    let isSeen = false;
    this.#onLine = () => {
      isSeen = true;
    };
    await until("nft monitor tells of tables", watchLimitMs, async () => {
      await this.#edge.exec("nft", ["add", ...probe]);
      await this.#edge.exec("nft", ["delete", ...probe]);
      return isSeen;
    });
  }
}
