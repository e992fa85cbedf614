/** Epochs at a destination that have no lane yet: what a handshake has made waits a while for the connection that was made for. */
import { sha384 } from "@ropewalk/crypto/sha384";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { epochKeys } from "../pure/lane/epoch-keys.ts";
import { LaneWelcomes } from "../pure/lane/lane-hello.ts";
import { type Epoch, eraseEpoch } from "../pure/session/epochs.ts";
import type { HandshakeConnection } from "./handshake-connection.ts";
import type { Established } from "./thread-messages.ts";

const within = seconds(10);
const mostWaiting = 4096;

/** The outcome of a handshake, with keys in place of their secret. */
export interface MadeEpoch {
  readonly epoch: Epoch;
  readonly established: Established;
  /** What answers hellos of the epoch, for as long as it may have more lanes: it rests on the epoch's keys. */
  readonly welcomes: LaneWelcomes;
}

export interface NewEpoch extends MadeEpoch {
  /** Of the handshake; whoever takes the epoch ends it. */
  readonly connection: HandshakeConnection;
}

interface Waiting extends NewEpoch {
  readonly timer: Timer;
}

/** Its keys, and the secret they were made of erased. */
export function epochOf({ session }: Established): Epoch {
  const keys = epochKeys(sha384, session.epochSecret);
  session.epochSecret.fill(0);
  return { id: session.id, transcript: session.transcript, keys };
}

export class WaitingEpochs implements Disposable {
  readonly #clock: Clock;
  /** By identifier, the oldest first. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Its identifier, in hexadecimal. */
  add(established: Established, connection: HandshakeConnection): string {
    const epoch = epochOf(established);
    const id = epoch.id.toHex();
    const timer = this.#clock.after("lane of a new epoch", within, () => this.#drop(id));
    const welcomes = new LaneWelcomes(sha384, epoch.id, epoch.keys);
    this.#waiting.set(id, { epoch, established, connection, welcomes, timer });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > mostWaiting && oldest !== undefined) this.#drop(oldest);
    return id;
  }

  welcomesOf(id: string): LaneWelcomes | undefined {
    return this.#waiting.get(id)?.welcomes;
  }

  /** It has a lane, and is its owner's. */
  take(id: string): NewEpoch | undefined {
    const waiting = this.#remove(id);
    if (waiting === undefined) return undefined;
    const { epoch, established, welcomes, connection } = waiting;
    return { epoch, established, welcomes, connection };
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#waiting.keys()]) this.#drop(id);
  }

  #drop(id: string): void {
    const waiting = this.#remove(id);
    if (waiting === undefined) return;
    eraseEpoch(waiting.epoch);
    waiting.connection.end();
  }

  #remove(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.timer[Symbol.dispose]();
    return waiting;
  }
}
