/** Somebody who may come in, from 127.0.0.1, no faster than the destination lets one network come. */
import { setTimeout as delay } from "node:timers/promises";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { dial } from "@ropewalk/tunnel/dial";
import { TunnelError } from "@ropewalk/tunnel/errors";
import { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { TunnelEnd } from "./tunnel-command.ts";

/** Twenty a second may come from one network. */
const paceMs = 60;

export class HonestSource implements AsyncDisposable {
  readonly thread: HandshakeThread;
  readonly #mode: TunnelEnd["mode"];
  readonly #clock = createSystemClock();
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
      if (outcome.kind === "refused") return Number.POSITIVE_INFINITY;
      outcome.connection.end();
      return took;
    } catch (error) {
      if (error instanceof TunnelError) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.thread[Symbol.asyncDispose]();
  }
}
