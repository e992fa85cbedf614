/**
 * One connection of a handshake, in the thread that owns its socket: it moves octets between the socket and the handshake thread,
 * holds both to their bounds, and says what came of it.
 */
import type { Socket } from "node:net";
import type { MessagePort } from "node:worker_threads";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Bytes, kibibytes, seconds } from "@ropewalk/kernel/units";
import type { Refusal } from "../pure/refusal.ts";
import type { Established, FromHandshake, ToHandshake } from "./thread-messages.ts";

/** What a peer may send before it is known: a chain of ML-DSA-65 certificates of usual depth takes a third of it. */
const unauthenticatedLimit: Bytes = kibibytes(64);
/** Octets on their way to the handshake thread at which the socket is read no further. */
const waitingLimit: Bytes = kibibytes(256);
/** How long the peer may take to read why it was refused. */
const farewell = seconds(2);

export interface HandshakeEvents {
  /** The handshake thread has done what it had to for its first answer. */
  readonly onAnswered?: () => void;
  readonly onAuthenticated?: () => void;
  readonly onEstablished: (established: Established) => void;
  /** Once, and never after `onEstablished`. */
  readonly onRefused: (refusal: Refusal) => void;
  /** Something of this end's own failed; for its log. */
  readonly onTrouble?: (reason: string) => void;
}

/** Takes the socket over, `early` being what was read from it. */
export class HandshakeConnection {
  /** Settles when the socket is closed and nothing more is told. */
  readonly closed: Promise<void>;
  readonly #onClosed: () => void;
  readonly #socket: Socket;
  readonly #port: MessagePort;
  readonly #clock: Clock;
  readonly #events: HandshakeEvents;
  #stage: "unknown" | "authenticated" | "established" | "over" = "unknown";
  #isAnswered = false;
  #read = 0;
  #waiting = 0;
  #farewell: Timer | undefined;

  constructor(socket: Socket, port: MessagePort, clock: Clock, events: HandshakeEvents, early?: Uint8Array) {
    ({ promise: this.closed, resolve: this.#onClosed } = Promise.withResolvers<void>());
    this.#socket = socket;
    this.#port = port;
    this.#clock = clock;
    this.#events = events;
    socket.setNoDelay(true);
    port.on("message", (message: FromHandshake) => this.#onMessage(message));
    socket.on("data", (bytes: Buffer) => this.#onBytes(new Uint8Array(bytes)));
    socket.on("error", () => {});
    socket.on("close", () => this.#onSocketClosed());
    port.on("close", () => this.#onPortClosed());
    if (early !== undefined) this.#onBytes(early);
    if (socket.closed) this.#onSocketClosed();
    else socket.resume();
  }

  /** Ends it, whatever it is at; what it came to is told by the events. */
  end(): void {
    this.#tell({ kind: "end" });
    this.#setFarewell();
  }

  #onBytes(bytes: Uint8Array): void {
    this.#read += bytes.length;
    if (this.#stage === "over") return;
    if (this.#stage === "unknown" && this.#read > unauthenticatedLimit) {
      this.#refused({ by: "us", reason: "oversize", detail: `more than ${unauthenticatedLimit} bytes` });
      this.#socket.destroy();
      return;
    }
    this.#waiting += bytes.length;
    if (this.#waiting > waitingLimit) this.#socket.pause();
    this.#tell(bytes, [bytes.buffer as ArrayBuffer]);
  }

  #onMessage(message: FromHandshake): void {
    if (!this.#isAnswered && !("kind" in message && message.kind === "taken")) {
      this.#isAnswered = true;
      this.#events.onAnswered?.();
    }
    if (message instanceof Uint8Array) {
      this.#socket.write(message);
      return;
    }
    switch (message.kind) {
      case "taken":
        this.#waiting -= message.length;
        if (this.#waiting <= waitingLimit) this.#socket.resume();
        return;
      case "fin":
        this.#part();
        return;
      case "authenticated":
        if (this.#stage === "unknown") this.#stage = "authenticated";
        this.#events.onAuthenticated?.();
        return;
      case "established":
        this.#stage = "established";
        this.#events.onEstablished(message.established);
        return;
      case "trouble":
        this.#events.onTrouble?.(message.reason);
        return;
      case "refused":
        this.#refused(message.refusal);
        return;
      case "ended":
        this.#stage = "over";
        return;
    }
  }

  /** Sends what is left, and gives the peer time to read it. */
  #part(): void {
    this.#socket.end();
    this.#socket.resume();
    this.#setFarewell();
  }

  #setFarewell(): void {
    this.#farewell ??= this.#clock.after("farewell of a handshake", farewell, () => this.#socket.destroy());
  }

  #refused(refusal: Refusal): void {
    if (this.#stage === "established" || this.#stage === "over") return;
    this.#stage = "over";
    this.#setFarewell();
    this.#events.onRefused(refusal);
  }

  /** What came last may still say why it ended: the handshake thread has the last word, and closes the port. */
  #onSocketClosed(): void {
    this.#farewell?.[Symbol.dispose]();
    this.#tell({ kind: "closed" });
  }

  #onPortClosed(): void {
    this.#refused({ by: "peer", reason: "cut-off", detail: "" });
    this.#farewell?.[Symbol.dispose]();
    this.#socket.destroy();
    this.#onClosed();
  }

  #tell(message: ToHandshake, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
