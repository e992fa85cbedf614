/**
 * Where destinations are reached: it accepts connections, lets `Admission` say whose turn it is, and gives each that is ready to the
 * handshake thread. It tells what came of every one, and counts.
 */

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { resetSocket } from "@ropewalk/host/linux/reset-socket";
import { joined } from "@ropewalk/kernel/bytes";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { networkPrefixOf } from "@ropewalk/kernel/network-prefix";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { TunnelError } from "./errors.ts";
import type { HandshakeConnection, HandshakeEvents } from "./io/handshake-connection.ts";
import type { HandshakeThread } from "./io/handshake-thread.ts";
import type { Established, HandshakeTask } from "./io/thread-messages.ts";
import { Admission, type AdmissionConfig, type AdmissionOutput, type ConnectionId } from "./pure/admission.ts";
import { ClientHelloGate } from "./pure/client-hello-gate.ts";
import { laneHelloOctet } from "./pure/lane/lane-hello.ts";
import type { Refusal, RefusalReason } from "./pure/refusal.ts";

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly thread: HandshakeThread;
  readonly clock: Clock;
  /** What every handshake is for; read anew for each. */
  readonly task: () => HandshakeTask;
  readonly admission: AdmissionConfig;
  /** `remote` is "address port". */
  readonly onEstablished: (established: Established, connection: HandshakeConnection, remote: string) => void;
  readonly onRefused: (refusal: Refusal, remote: string) => void;
  /** A connection that says to be a lane, which is the receiver's from now on, and what was read of it; where there are none, it is refused. */
  readonly onLane?: (socket: Socket, early: Uint8Array) => void;
}

interface Guest {
  readonly socket: Socket;
  readonly remote: string;
  readonly gate: ClientHelloGate;
  /** What was read before its turn; at most what the gate lets in. */
  readonly early: Uint8Array[];
  connection: HandshakeConnection | undefined;
  isOver: boolean;
}

export class TunnelListener implements Disposable {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #admission: Admission;
  readonly #guests = new Map<ConnectionId, Guest>();
  readonly #refusals = new Map<RefusalReason, number>();
  #accepted = 0;
  #lastId = 0;
  #timer: Timer | undefined;

  /** Throws TunnelError: TUNNEL_LISTEN. */
  static async listen(options: ListenerOptions): Promise<TunnelListener> {
    const listener = new TunnelListener(options);
    const { host, port } = options;
    listener.#server.listen({ host, port, backlog: 1024 });
    try {
      await once(listener.#server, "listening");
    } catch (error) {
      const message = `cannot listen on ${host} port ${port}; choose another address or port, or stop who has it: ${describeError(error)}`;
      throw new TunnelError("TUNNEL_LISTEN", message, { cause: error });
    }
    return listener;
  }

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#admission = new Admission(options.admission);
    this.#server = createServer({ noDelay: true }, (socket) => this.#onSocket(socket));
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Handshakes that were completed, and those that were not by reason, since the start. */
  get counts(): { readonly accepted: number; readonly refused: ReadonlyMap<RefusalReason, number> } {
    return { accepted: this.#accepted, refused: this.#refusals };
  }

  /** Connections whose peer is not known yet. */
  get strangers(): { readonly unheard: number; readonly begun: number } {
    return this.#admission.counts;
  }

  /** Accepts no more, and ends what is not established; what is belongs to whoever was told of it. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#server.close();
    for (const [id, guest] of this.#guests) {
      this.#refuse(id, { by: "us", reason: "ended", detail: "" });
      cutOff(guest);
    }
  }

  #onSocket(socket: Socket): void {
    this.#lastId += 1;
    const id = this.#lastId;
    const remote = `${socket.remoteAddress ?? "unknown"} ${socket.remotePort ?? 0}`;
    const guest: Guest = {
      socket,
      remote,
      gate: new ClientHelloGate(),
      early: [],
      connection: undefined,
      isOver: false,
    };
    this.#guests.set(id, guest);
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => this.#onEarly(id, bytes));
    socket.on("close", () => this.#onClose(id));
    this.#perform(this.#admission.arrive(this.#now(), id, networkPrefixOf(socket.remoteAddress)));
  }

  #onEarly(id: ConnectionId, bytes: Buffer): void {
    const guest = this.#guests.get(id);
    if (guest === undefined || guest.isOver || guest.connection !== undefined) return;
    if (guest.early.length === 0) {
      if (bytes[0] === laneHelloOctet && this.#options.onLane !== undefined) {
        this.#passOn(id, guest, new Uint8Array(bytes), this.#options.onLane);
        return;
      }
      this.#perform(this.#admission.speak(this.#now(), id));
    }
    if (guest.isOver) return;
    guest.early.push(new Uint8Array(bytes));
    if (guest.early.length > 16) guest.early.splice(0, guest.early.length, joined(...guest.early));
    const verdict = guest.gate.read(bytes);
    if (verdict.kind === "wait") return;
    guest.socket.pause();
    guest.socket.removeAllListeners("data");
    if (verdict.kind === "whole") {
      this.#perform(this.#admission.ready(id));
      return;
    }
    this.#refuse(id, { by: "us", reason: verdict.reason, detail: "before TLS" });
    guest.socket.destroy();
  }

  /** Lanes cost no handshake, and do not use up what their network may have of them. */
  #passOn(
    id: ConnectionId,
    guest: Guest,
    early: Uint8Array,
    onLane: (socket: Socket, early: Uint8Array) => void,
  ): void {
    guest.isOver = true;
    this.#guests.delete(id);
    this.#perform(this.#admission.leave(id));
    onLane(guest.socket, early);
  }

  #start(id: ConnectionId, guest: Guest): void {
    const { thread, task } = this.#options;
    const early = guest.early.splice(0);
    const events: HandshakeEvents = {
      onAnswered: () => this.#perform(this.#admission.answered(id)),
      onAuthenticated: () => this.#perform(this.#admission.leave(id)),
      onEstablished: (established) => this.#onEstablished(id, established),
      onRefused: (refusal) => this.#refuse(id, refusal),
    };
    guest.connection = thread.begin(task(), guest.socket, events, early);
  }

  #onEstablished(id: ConnectionId, established: Established): void {
    const guest = this.#guests.get(id);
    if (guest?.connection === undefined || guest.isOver) return;
    guest.isOver = true;
    this.#guests.delete(id);
    this.#accepted += 1;
    this.#options.onEstablished(established, guest.connection, guest.remote);
  }

  #refuse(id: ConnectionId, refusal: Refusal): void {
    const guest = this.#guests.get(id);
    if (guest === undefined || guest.isOver) return;
    guest.isOver = true;
    this.#guests.delete(id);
    this.#refusals.set(refusal.reason, (this.#refusals.get(refusal.reason) ?? 0) + 1);
    this.#perform(this.#admission.leave(id));
    this.#options.onRefused(refusal, guest.remote);
  }

  /** Of a socket that the handshake thread has not got. */
  #onClose(id: ConnectionId): void {
    this.#refuse(id, { by: "peer", reason: "cut-off", detail: "" });
  }

  #perform(outputs: readonly AdmissionOutput[]): void {
    for (const { id, ...output } of outputs) {
      const guest = this.#guests.get(id);
      if (guest === undefined) continue;
      if (output.kind === "start") {
        this.#start(id, guest);
        continue;
      }
      this.#refuse(id, { by: "us", reason: output.reason, detail: "" });
      cutOff(guest);
    }
    this.#setTimer();
  }

  #setTimer(): void {
    const deadline = this.#admission.deadline();
    if (deadline === undefined || this.#timer !== undefined || !this.#server.listening) return;
    const wait: Millis = millis(Math.max(0, deadline - this.#now()));
    this.#timer = this.#options.clock.after("handshakes that take too long", wait, () => {
      this.#timer = undefined;
      this.#perform(this.#admission.expire(this.#now()));
    });
  }

  #now(): Millis {
    return this.#options.clock.now();
  }
}

/** At once, and without a state of the kernel that would outlive it. */
function cutOff({ socket, connection }: Guest): void {
  if (connection === undefined) resetSocket(socket);
  else connection.abort();
}
