/**
 * A TCP connection on one path: our descriptor, bound before Node connects it. From the moment that a Socket holds the
 * descriptor, destroying the Socket is what closes it; a connection that fails or is aborted is destroyed.
 */
import { once } from "node:events";
import { Socket } from "node:net";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { HostError } from "../errors.ts";
import type { PathStream } from "../ports.ts";
import { type Native, SOCK } from "./native.ts";
import { openPathDescriptor, type PathDescriptor, pathError, refusalOf } from "./path-descriptor.ts";
import type { Endpoint } from "./socket-address.ts";
import { encodeInt, IP_BIND_ADDRESS_NO_PORT, SOL_IP } from "./socket-options.ts";

export async function connectPath(
  native: Native,
  binding: PathBinding,
  to: Endpoint,
  signal: AbortSignal,
): Promise<PathStream> {
  signal.throwIfAborted();
  const refusal = refusalOf(binding, to.address, true);
  if (refusal !== undefined) throw new HostError("HOST_SOCKET", `could not connect on ${binding.name}: ${refusal}`);
  const descriptor = openPathDescriptor(native, binding, {
    type: SOCK.STREAM,
    protocol: 0,
    port: 0,
    prepare: (fd) => void native.setOption(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, encodeInt(1)),
  });
  const socket = wrap(native, descriptor);
  try {
    socket.connect({ host: to.address, port: to.port });
    await once(socket, "connect", { signal });
  } catch (cause) {
    await destroyed(socket);
    signal.throwIfAborted();
    const { errno } = cause as NodeJS.ErrnoException;
    // Without a number of the system's it is misuse, such as a port that cannot be.
    if (errno === undefined) throw cause;
    throw pathError(`connect to ${to.address} port ${to.port}`, binding, errno, cause);
  }
  return {
    binding,
    isMarked: descriptor.isMarked,
    stream: socket,
    [Symbol.asyncDispose]: () => destroyed(socket),
  };
}

function wrap(native: Native, { fd }: PathDescriptor): Socket {
  try {
    const socket = new Socket({ fd, noDelay: true });
    // An error closes the stream, which its owner sees; that nobody listened for it must not end the process.
    socket.on("error", () => {});
    return socket;
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

/** Resolves once the descriptor is closed. */
function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.once("close", () => resolve());
    socket.destroy();
  });
}
