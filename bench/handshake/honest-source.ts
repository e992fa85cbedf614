/** Somebody who may come in, from 127.0.0.1, no faster than the destination lets one network come. */
import { setTimeout as delay } from "node:timers/promises";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { dial } from "@ropewalk/tunnel/dial";
import { TunnelError } from "@ropewalk/tunnel/errors";
import { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import { describeRefusal } from "@ropewalk/tunnel/pure/refusal";
import type { TunnelEnd } from "./tunnel-command.ts";

/** Twenty a second may come from one network. */
const paceMs = 60;

export class HonestSource implements AsyncDisposable {
  readonly thread: HandshakeThread;
  readonly #mode: TunnelEnd["mode"];
  readonly #clock = createSystemClock();
  readonly #failures = new Set<string>();
  #beganAt = 0;

  static async open({ files, mode, state }: TunnelEnd): Promise<HonestSource> {
    const onDeath = (error: Error) => {
      throw error;
    };
    const events = { onDeath, onTrouble: () => {} };
    return new HonestSource(await HandshakeThread.start(files, events, { kemKeyFolder: state }), mode);
  }

  private constructor(thread: HandshakeThread, mode: TunnelEnd["mode"]) {
    this.thread = thread;
    this.#mode = mode;
  }

  /** What came of those that failed, in words. */
  get failures(): ReadonlySet<string> {
    return this.#failures;
  }

  /** While nobody disturbs: throws when one fails. */
  async undisturbed(port: number, count: number): Promise<readonly number[]> {
    const took = await this.shakes(port, count);
    if (took.every(Number.isFinite)) return took;
    throw new Error(`an honest handshake failed while nobody disturbed it: ${[...this.#failures].join("; ")}`);
  }

  async shakes(port: number, count: number): Promise<readonly number[]> {
    const took: number[] = [];
    for (let index = 0; index < count; index += 1) took.push(await this.shake(port));
    return took;
  }

  /** Milliseconds from before the TCP connection until this end has finished; Infinity when it was refused or not reached. */
  async shake(port: number): Promise<number> {
    await delay(Math.max(0, this.#beganAt + paceMs - performance.now()));
    this.#beganAt = performance.now();
    try {
      const outcome = await dial({
        ...{ host: "127.0.0.1", port, thread: this.thread, clock: this.#clock, connectWithin: seconds(10) },
        task: { role: "source", mode: this.#mode, allow: ["localhost"], authenticateWithin: seconds(10) },
      });
      const took = performance.now() - this.#beganAt;
      if (outcome.kind === "refused") return this.#failed(describeRefusal(outcome.refusal));
      outcome.connection.end();
      return took;
    } catch (error) {
      if (error instanceof TunnelError) return this.#failed(error.message);
      throw error;
    }
  }

  #failed(why: string): number {
    this.#failures.add(why);
    return Number.POSITIVE_INFINITY;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.thread[Symbol.asyncDispose]();
  }
}
