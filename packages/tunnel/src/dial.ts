/** Reaches a destination and performs one handshake with it, as a source does. */
import { connect as dialSocket, type Socket } from "node:net";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { TunnelError } from "./errors.ts";
import type { HandshakeConnection } from "./io/handshake-connection.ts";
import type { HandshakeThread } from "./io/handshake-thread.ts";
import type { Established, HandshakeTask } from "./io/thread-messages.ts";
import type { Refusal } from "./pure/refusal.ts";

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  readonly thread: HandshakeThread;
  readonly clock: Clock;
  readonly task: HandshakeTask;
  /** For the TCP connection. */
  readonly connectWithin: Millis;
  /** Something of this end's own failed; for its log. */
  readonly onTrouble?: (reason: string) => void;
}

export type DialOutcome =
  | {
      readonly kind: "established";
      readonly established: Established;
      /** Whoever takes it ends it. */
      readonly connection: HandshakeConnection;
      readonly connectTook: Millis;
    }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      /** Settles when the other end has heard of it, or too much time has passed. */
      readonly closed: Promise<void>;
    };

/** Throws TunnelError: TUNNEL_UNREACHABLE. */
export async function dial(options: DialOptions): Promise<DialOutcome> {
  const { clock, thread, task, onTrouble } = options;
  const startedAt = clock.now();
  const socket = await reach(options);
  const connectTook = millis(clock.now() - startedAt);
  return new Promise((resolve) => {
    const connection: HandshakeConnection = thread.begin(task, socket, {
      onEstablished: (established) => resolve({ kind: "established", established, connection, connectTook }),
      onRefused: (refusal) => resolve({ kind: "refused", refusal, closed: connection.closed }),
      ...(onTrouble === undefined ? {} : { onTrouble }),
    });
  });
}

function reach({ host, port, clock, connectWithin }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = dialSocket({ host, port, noDelay: true });
    const fail = (why: string) => {
      timer[Symbol.dispose]();
      socket.destroy();
      reject(
        new TunnelError(
          "TUNNEL_UNREACHABLE",
          `${host} port ${port} cannot be reached: ${why}; is the destination running there?`,
        ),
      );
    };
    const timer = clock.after("TCP connection", connectWithin, () => fail("no answer in time"));
    socket.once("error", (error) => fail(describeError(error)));
    socket.once("connect", () => {
      timer[Symbol.dispose]();
      socket.removeAllListeners("error");
      socket.pause();
      resolve(socket);
    });
  });
}
