/**
 * One connection to a D-Bus message bus. Every call has a deadline, replies and signals arrive in the bus's order, and
 * what goes wrong with the connection ends it: nothing is retried here. The D-Bus library is loaded only once there is
 * a bus to talk to.
 */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { describeError } from "@ropewalk/kernel/errors";
import { seconds } from "@ropewalk/kernel/units";
import type { DBusError, Message, MessageBus } from "dbus-native";

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interfaceName: string;
  readonly member: string;
  /** The argument of the call, a string, when it takes one. */
  readonly argument?: string;
  /** The arguments of the call, when it takes others. Octets ("ay") are Uint8Array. */
  readonly body?: { readonly signature: string; readonly values: readonly unknown[] };
}

export type BusReply =
  | { readonly kind: "value"; readonly value: unknown }
  /** The callee or the bus answered with an error, whose D-Bus name is `error`. */
  | { readonly kind: "refused"; readonly reason: string; readonly error?: string }
  /** No answer before the deadline, or before the connection ended. */
  | { readonly kind: "lost"; readonly reason: string };

export interface BusSignal {
  /** The unique name of the connection that sent it, written by the bus itself. */
  readonly sender: string;
  readonly path: string;
  readonly interfaceName: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** The bus's own name, and its path and interface. Source: D-Bus Specification, "Message Bus Messages". */
export const busName = "org.freedesktop.DBus";

const replyDeadline = seconds(5);
/** Hundreds of interfaces, with everything NetworkManager says of each, stay well below it. */
const largestMessage = 16 * 1024 * 1024;
/** `type` of a signal. Source: D-Bus Specification, "Message Format". */
const signalType = 4;

/** A greeted connection. Whoever opens it disposes it. */
export class BusConnection implements AsyncDisposable {
  readonly #bus: MessageBus;
  readonly #socket: Socket;
  /** Resolves with the reason when the connection is over. */
  readonly closed: Promise<string>;

  private constructor(bus: MessageBus, socket: Socket) {
    this.#bus = bus;
    this.#socket = socket;
    let reason = "the bus closed the connection";
    bus.connection.on("error", (error) => {
      reason = describeError(error);
      // The library keeps a connection whose handshake failed; for us it is over.
      socket.destroy();
    });
    this.closed = new Promise((resolve) => socket.once("close", () => resolve(reason)));
  }

  /**
   * Connects to the Unix socket, authenticates as this process's user and says Hello. Rejects with the reason when the
   * bus is not there, refuses, or does not answer in time. The signal ends the connection at any time.
   */
  static async open(socketPath: string, signal: AbortSignal): Promise<BusConnection> {
    const socket = createConnection({ path: socketPath });
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
    try {
      await once(socket, "connect", { signal });
      const { createClient } = await import("dbus-native");
      // `direct` leaves Hello to us: the library's own throws into nowhere when it is not answered. Only EXTERNAL may be
      // tried, since another method reads cookies from the user's home.
      const bus = createClient({
        stream: socket,
        direct: true,
        authMethods: ["EXTERNAL"],
        timeout: replyDeadline,
        maxMessageSize: largestMessage,
      });
      const connection = new BusConnection(bus, socket);
      await connection.#greet();
      return connection;
    } catch (error) {
      socket.on("error", () => {});
      socket.destroy();
      throw error;
    }
  }

  /** Calls `onReply` exactly once, before any message that the bus sent after the reply is looked at. */
  call(call: BusCall, onReply: (reply: BusReply) => void): void {
    const { destination, path, interfaceName, member, argument, body } = call;
    const message: Message = { destination, path, interface: interfaceName, member };
    if (argument !== undefined) Object.assign(message, { signature: "s", body: [argument] });
    if (body !== undefined) Object.assign(message, { signature: body.signature, body: body.values });
    void this.#bus.invoke(message, (error, value: unknown) => onReply(replyOf(error, value)));
  }

  /** Every signal that the bus sends us: those matched by a rule, and those that somebody addressed to us. */
  onSignal(listener: (signal: BusSignal) => void): void {
    this.#bus.connection.on("message", (message) => {
      if (message.type !== signalType) return;
      const { sender = "", path = "", interface: interfaceName = "", member = "", body = [] } = message;
      listener({ sender, path, interfaceName, member, body });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  async #greet(): Promise<void> {
    const hello = { destination: busName, path: "/org/freedesktop/DBus", interfaceName: busName, member: "Hello" };
    const reply = await new Promise<BusReply>((resolve) => this.call(hello, resolve));
    if (reply.kind !== "value") throw new Error(`the bus did not greet us: ${reply.reason}`);
  }
}

/** Only an error that somebody answered has a reply; a missed deadline and a lost connection are the library's own. */
function replyOf(error: DBusError | null, value: unknown): BusReply {
  if (error === null) return { kind: "value", value };
  const { message: reason, dbusName } = error;
  if (error.reply === undefined) return { kind: "lost", reason };
  return { kind: "refused", reason, ...(dbusName === undefined ? {} : { error: dbusName }) };
}
