/** One connection on its way to be a link: TLS within a deadline, then the judgement of who is there. It ends in one outcome. */
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../pure/mesh-address.ts";
import { judgePeer, type LinkDirection, type LinkIdentity, type LinkRefusal, openTls } from "./link-tls.ts";

/** A connection to a peer who has proved his key. Whoever is told of it owns `stream`, and listens to it before it returns. */
export interface ProvedLink {
  readonly direction: LinkDirection;
  readonly stream: Duplex;
  /** 32 octets. */
  readonly peerKey: Uint8Array;
  readonly peer: MeshAddress;
}

export interface LinkHandshakeOptions {
  readonly direction: LinkDirection;
  readonly identity: LinkIdentity;
  readonly clock: Clock;
  readonly within: Millis;
  /** Who it must be; undefined: whoever proves a key. */
  readonly expected?: MeshAddress | undefined;
  readonly onProved: (link: ProvedLink) => void;
  readonly onRefused: (refusal: LinkRefusal) => void;
}

/** Disposing of it cuts it off, unless it has its outcome. */
export class LinkHandshake implements Disposable {
  readonly #options: LinkHandshakeOptions;
  readonly #tls: TLSSocket;
  readonly #timer: Timer;
  #isOver = false;

  /** Takes `transport` over. */
  constructor(transport: Duplex, options: LinkHandshakeOptions) {
    const { direction, identity, clock, within } = options;
    this.#options = options;
    // TLS tells of it too; that nobody else listened must not end the process.
    transport.on("error", () => {});
    this.#tls = openTls(direction, transport, identity.context, () => this.#onSecure());
    this.#tls.on("error", (error: Error) => this.#refuse(refusalOf(error)));
    this.#tls.on("close", () => this.#refuse({ reason: "cut-off" }));
    this.#timer = clock.after("handshake of a link", within, () => this.#refuse({ reason: "deadline" }));
  }

  [Symbol.dispose](): void {
    this.#refuse({ reason: "aborted" });
  }

  #onSecure(): void {
    if (this.#isOver) return;
    const { direction, identity, expected, onProved } = this.#options;
    const verdict = judgePeer(this.#tls, direction, identity.address, expected);
    if (verdict.kind === "refused") {
      this.#refuse(verdict.refusal);
      return;
    }
    this.#isOver = true;
    this.#timer[Symbol.dispose]();
    onProved({ direction, stream: this.#tls, peerKey: verdict.peerKey, peer: verdict.peer });
  }

  #refuse(refusal: LinkRefusal): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer[Symbol.dispose]();
    // An alert that says why is on its way when TLS has found a fault; Node leaves the connection open behind it.
    setImmediate(() => this.#tls.destroy());
    this.#options.onRefused(refusal);
  }
}

function refusalOf(error: NodeJS.ErrnoException): LinkRefusal {
  if (error.code === "ECONNRESET" || error.code === "EPIPE") return { reason: "cut-off" };
  // OpenSSL ends its words with a line feed.
  return { reason: "tls", detail: error.message.trim() };
}
