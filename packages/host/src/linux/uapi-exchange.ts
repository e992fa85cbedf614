/** One request of the userspace protocol over a device's Unix socket, and its answer, within a deadline. Both are erased. */
import { connect, type Socket } from "node:net";
import type { Clock } from "@ropewalk/kernel/clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { WireGuardError } from "../wireguard/errors.ts";
import { type UapiAnswer, UapiAnswerReader } from "../wireguard/pure/uapi-answer.ts";

export interface UapiSocket {
  /** Of the device, for errors. */
  readonly name: string;
  readonly path: string;
}

/** Ten times what the largest portion takes, or reading 100,000 peers. */
export const longestExchange: Millis = seconds(10);
/** 200,000 peers. */
const mostOctets = 64 * 1024 * 1024;

/**
 * Rejects with the errors of a device that is not there, gone, silent or not to be understood; a refusal is an answer. Erases
 * `request`.
 */
export function exchange(at: UapiSocket, request: Uint8Array, clock: Clock): Promise<UapiAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<UapiAnswer>();
  const socket = connect(at.path);
  const timer = clock.after("an answer of a WireGuard device", longestExchange, () => reject(silent(at)));
  socket.once("error", (error: NodeJS.ErrnoException) => reject(socketError(at, error)));
  socket.once("close", () => reject(gone(at)));
  const reader = new UapiAnswerReader();
  let octets = 0;
  socket.on("data", (chunk: Uint8Array) => {
    octets += chunk.length;
    const answer = reader.push(chunk);
    chunk.fill(0);
    if (answer?.kind === "malformed") reject(nonsense(at, answer.reason));
    else if (answer !== undefined) resolve(answer);
    else if (octets > mostOctets) reject(nonsense(at, `it is longer than ${mostOctets} octets`));
  });
  socket.write(request);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    socket.destroy();
    request.fill(0);
  });
}

/** A connection to the device's process, which closes when that ends. Rejects as `exchange` does. */
export function connectUapi(at: UapiSocket): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(at.path, () => resolve(socket));
  socket.on("error", (error: NodeJS.ErrnoException) => reject(socketError(at, error)));
  return promise;
}

function socketError(at: UapiSocket, cause: NodeJS.ErrnoException): WireGuardError {
  switch (cause.code) {
    case "ENOENT":
      return new WireGuardError(
        "HOST_WIREGUARD_NO_DEVICE",
        `there is no WireGuard device ${at.name} (no ${at.path}): start it`,
        { cause },
      );
    case "EACCES":
    case "EPERM":
      return new WireGuardError(
        "HOST_WIREGUARD_PERMISSION",
        `${at.path} is closed to this user: run as the user of the WireGuard device ${at.name}`,
        { cause },
      );
    default:
      return gone(at, cause);
  }
}

function gone({ name }: UapiSocket, cause?: Error): WireGuardError {
  return new WireGuardError(
    "HOST_WIREGUARD_GONE",
    `the process of the WireGuard device ${name} has ended: start it, then read what it has`,
    { cause },
  );
}

function silent({ name }: UapiSocket): WireGuardError {
  return new WireGuardError(
    "HOST_WIREGUARD_TIMEOUT",
    `the WireGuard device ${name} did not answer within ${longestExchange} ms: read what it has once it answers`,
  );
}

function nonsense({ name }: UapiSocket, reason: string): WireGuardError {
  return new WireGuardError(
    "HOST_WIREGUARD_ANSWER",
    `what the WireGuard device ${name} answered cannot be understood (${reason}): is its socket another program's?`,
  );
}
