/**
 * One daemon with backhaul in each network namespace: whoever listens on an abstract Unix socket holds the lock. Such sockets
 * belong to the network namespace (unix(7)) and vanish with the process, so a crash leaves nothing behind.
 */
import { connect, createServer, type Server } from "node:net";
import { backhaulLockName } from "@ropewalk/host/allocations";
import type { Native } from "@ropewalk/host/linux/native";
import { AppError } from "../errors.ts";
import { peerCredentials } from "./peer-credentials.ts";

/** The lock, held until it is disposed. Throws APP_ALREADY_RUNNING, naming the process that holds it. */
export async function holdInstanceLock(native: Native, program: string): Promise<AsyncDisposable> {
  // Connections are how a second instance learns who we are; there is nothing to say on them.
  const server = createServer((socket) => socket.on("error", () => {}).destroy());
  try {
    await listening(server);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE")) throw cause;
    throw new AppError(
      "APP_ALREADY_RUNNING",
      `another Ropewalk runs in this network namespace${await holder(native)}. Ask it: ${program} status. Or stop it first.`,
    );
  }
  server.unref();
  return {
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const lockAddress = `\0${backhaulLockName}`;

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: lockAddress }, () => resolve());
  });
}

/** " (process 4711 of user 0)", from the kernel; empty when the holder went away meanwhile. */
function holder(native: Native): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path: lockAddress, timeout: 1_000 });
    const done = (text: string) => {
      socket.destroy();
      resolve(text);
    };
    socket.once("connect", () => {
      const peer = peerCredentials(native, socket);
      if (peer === undefined) return done("");
      return done(
        peer.pid === 0
          ? ` (a process of another container, user ${peer.uid})`
          : ` (process ${peer.pid}, user ${peer.uid})`,
      );
    });
    socket.once("timeout", () => done(""));
    socket.once("error", () => done(""));
  });
}
