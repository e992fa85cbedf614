/** A destination and a source in one process, each with its handshake thread: what it takes until both have finished. */
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { dial } from "@ropewalk/tunnel/dial";
import { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import { TunnelListener } from "@ropewalk/tunnel/listener";
import type { Mode } from "@ropewalk/tunnel/pure/handshake/message";
import type { Made } from "./identities.ts";

/** One network does all that is measured here, and is not to be held back for it. */
const rate = { perSecond: 10_000, burst: 10_000, prefixes: 16 };
const admission = { unheard: 512, begun: 128, atOnce: 4, within: seconds(10), rate };

export class Ends implements AsyncDisposable {
  readonly #clock = createSystemClock();
  readonly #source: HandshakeThread;
  readonly #destination: HandshakeThread;
  readonly #listener: TunnelListener;
  readonly #mode: Mode;
  readonly #accepted: PromiseWithResolvers<number>[] = [];

  private constructor(source: HandshakeThread, destination: HandshakeThread, listener: TunnelListener, mode: Mode) {
    this.#source = source;
    this.#destination = destination;
    this.#listener = listener;
    this.#mode = mode;
  }

  /** `folder` keeps the peers' KEM keys. */
  static async open(made: Made, mode: Mode, folder: string): Promise<Ends> {
    const onDeath = (error: Error) => {
      throw error;
    };
    const start = (files: Made["source"], name: string) =>
      HandshakeThread.start(files, { onDeath, onTrouble: () => {} }, { kemKeyFolder: `${folder}/${name}` });
    const source = await start(made.source, "of-source");
    const destination = await start(made.destination, "of-destination");
    const clock = createSystemClock();
    const listener = await TunnelListener.listen({
      ...{ host: "127.0.0.1", port: 0, thread: destination, clock, admission },
      task: () => ({ role: "destination", mode, allow: undefined, authenticateWithin: seconds(10) }),
      onEstablished: () => ends.#accepted.shift()?.resolve(performance.now()),
      onRefused: ({ reason }) => ends.#accepted.shift()?.reject(new Error(`the destination refused: ${reason}`)),
    });
    const ends: Ends = new Ends(source, destination, listener, mode);
    return ends;
  }

  /** Milliseconds from before the TCP connection until both ends have a session. */
  async shake(): Promise<number> {
    const accepted = Promise.withResolvers<number>();
    this.#accepted.push(accepted);
    const began = performance.now();
    const outcome = await dial({
      ...{ host: "127.0.0.1", port: this.#listener.address.port, thread: this.#source, clock: this.#clock },
      task: { role: "source", mode: this.#mode, allow: ["localhost"], authenticateWithin: seconds(10) },
      connectWithin: seconds(5),
    });
    const ended = performance.now();
    if (outcome.kind === "refused") throw new Error(`the source refused: ${outcome.refusal.reason}`);
    const took = Math.max(ended, await accepted.promise) - began;
    outcome.connection.end();
    // Its end is no part of the next one.
    await outcome.connection.closed;
    return took;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener[Symbol.dispose]();
    await this.#source[Symbol.asyncDispose]();
    await this.#destination[Symbol.asyncDispose]();
  }
}
