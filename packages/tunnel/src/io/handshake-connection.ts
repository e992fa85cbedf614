/** One connection in the handshake thread, as the other thread sees it: what came of it, and how it is ended. */
import type { MessagePort } from "node:worker_threads";
import type { Refusal } from "../pure/refusal.ts";
import type { Established, FromHandshake, ToHandshake } from "./thread-messages.ts";

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

export class HandshakeConnection {
  /** Settles when the connection is closed and nothing more is told. */
  readonly closed: Promise<void>;
  readonly #onClosed: () => void;
  readonly #port: MessagePort;
  readonly #events: HandshakeEvents;
  #isTold = false;

  constructor(port: MessagePort, events: HandshakeEvents) {
    ({ promise: this.closed, resolve: this.#onClosed } = Promise.withResolvers<void>());
    this.#port = port;
    this.#events = events;
    port.on("message", (message: FromHandshake) => this.#onMessage(message));
    port.on("close", () => {
      this.#refused({ by: "peer", reason: "cut-off", detail: "" });
      this.#onClosed();
    });
  }

  /** Ends it, whatever it is at; what it came to is told by the events. */
  end(): void {
    this.#tell({ kind: "end" });
  }

  /** Ends it at once, without a word to the peer or of it here. */
  abort(): void {
    this.#isTold = true;
    this.#tell({ kind: "abort" });
  }

  #onMessage(message: FromHandshake): void {
    switch (message.kind) {
      case "answered":
        this.#events.onAnswered?.();
        return;
      case "authenticated":
        this.#events.onAuthenticated?.();
        return;
      case "established":
        if (this.#isTold) return;
        this.#isTold = true;
        this.#events.onEstablished(message.established);
        return;
      case "trouble":
        this.#events.onTrouble?.(message.reason);
        return;
      case "refused":
        this.#refused(message.refusal);
        return;
      case "ended":
        return;
    }
  }

  #refused(refusal: Refusal): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#events.onRefused(refusal);
  }

  #tell(message: ToHandshake): void {
    this.#port.postMessage(message);
  }
}
