/** Two handshake threads in one process, with a real connection between them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { seconds } from "@ropewalk/kernel/units";
import type { HandshakeConnection } from "@ropewalk/tunnel/io/handshake-connection";
import { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import type { Established, HandshakeTask } from "@ropewalk/tunnel/io/thread-messages";
import type { Refusal } from "@ropewalk/tunnel/pure/refusal";

export type Outcome =
  | { readonly kind: "established"; readonly established: Established; readonly connection: HandshakeConnection }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** A thread that must not die, and has no trouble unless a test says so. */
export function startThread(
  files: IdentityFiles,
  kemKeyFolder?: string,
  onTrouble: (reason: string) => void = (reason) => assert.fail(reason),
): Promise<HandshakeThread> {
  return HandshakeThread.start(files, { onDeath: (error) => assert.fail(error), onTrouble }, { kemKeyFolder });
}

/** For the message of an assertion. */
export function said(...outcomes: readonly Outcome[]): string {
  return JSON.stringify(outcomes.map((each) => (each.kind === "refused" ? each.refusal : each.kind)));
}

export function taskOf(role: HandshakeTask["role"], changes: Partial<HandshakeTask> = {}): HandshakeTask {
  return { role, mode: "mlkem768", allow: undefined, authenticateWithin: seconds(10), ...changes };
}

/** What a handshake over `socket` comes to. */
export function handshakeOver(socket: Socket, thread: HandshakeThread, task: HandshakeTask): Promise<Outcome> {
  return new Promise((resolve) => {
    const connection: HandshakeConnection = thread.begin(task, socket, {
      onEstablished: (established) => resolve({ kind: "established", established, connection }),
      onRefused: (refusal) => resolve({ kind: "refused", refusal }),
    });
  });
}

export interface SocketPair extends AsyncDisposable {
  readonly source: Socket;
  readonly destination: Socket;
}

/** Two ends of one connection over loopback. */
export async function connectedSockets(): Promise<SocketPair> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const source = dial((server.address() as AddressInfo).port, "127.0.0.1");
  const [[destination]] = (await Promise.all([once(server, "connection"), once(source, "connect")])) as [[Socket], []];
  const closed = once(server, "close");
  server.close();
  return {
    source,
    destination,
    async [Symbol.asyncDispose]() {
      source.destroy();
      destination.destroy();
      await closed;
    },
  };
}

export interface Side {
  readonly thread: HandshakeThread;
  readonly task?: Partial<HandshakeTask>;
}

/** What each end says of one handshake between two. */
export async function meet(source: Side, destination: Side): Promise<{ source: Outcome; destination: Outcome }> {
  await using sockets = await connectedSockets();
  const [ofSource, ofDestination] = await Promise.all([
    handshakeOver(sockets.source, source.thread, taskOf("source", source.task)),
    handshakeOver(sockets.destination, destination.thread, taskOf("destination", destination.task)),
  ]);
  return { source: ofSource, destination: ofDestination };
}
