/** A destination that listens on loopback, and what it says of every connection. */
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import type { HandshakeConnection } from "@ropewalk/tunnel/io/handshake-connection";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { HandshakeTask } from "@ropewalk/tunnel/io/thread-messages";
import { TunnelListener } from "@ropewalk/tunnel/listener";
import type { AdmissionConfig } from "@ropewalk/tunnel/pure/admission";
import type { Refusal } from "@ropewalk/tunnel/pure/refusal";
import { type Outcome, taskOf } from "./two-threads.ts";

const generous: AdmissionConfig = {
  ...{ unheard: 100, begun: 100, atOnce: 4, within: seconds(20) },
  rate: { perSecond: 1000, burst: 1000, prefixes: 100 },
};

export interface Listening extends Disposable {
  readonly listener: TunnelListener;
  readonly port: number;
  /** What the next connection comes to that has not been asked about. */
  next(): Promise<Outcome>;
}

export async function listening(
  thread: HandshakeThread,
  task: Partial<HandshakeTask> = {},
  admission: Partial<AdmissionConfig> = {},
): Promise<Listening> {
  const outcomes: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const open: HandshakeConnection[] = [];
  const tell = (outcome: Outcome) => {
    const take = waiting.shift();
    if (take === undefined) outcomes.push(outcome);
    else take(outcome);
  };
  const listener = await TunnelListener.listen({
    ...{ host: "127.0.0.1", port: 0, thread, clock: createSystemClock() },
    task: () => taskOf("destination", task),
    admission: { ...generous, ...admission },
    onEstablished: (established, connection) => {
      open.push(connection);
      tell({ kind: "established", established, connection });
    },
    onRefused: (refusal: Refusal) => tell({ kind: "refused", refusal }),
  });
  return {
    listener,
    port: listener.address.port,
    next() {
      const known = outcomes.shift();
      return known === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(known);
    },
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      for (const connection of open) connection.end();
    },
  };
}
