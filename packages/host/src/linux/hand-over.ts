/**
 * A TCP connection that one thread has opened goes on in another. Node can send no socket to a worker, but threads share their
 * descriptors: the socket here is closed, and a second descriptor of the same connection lives on.
 */
import type { Socket } from "node:net";
import { HostError } from "../errors.ts";
import type { Native } from "./native.ts";

export interface HandedOver {
  /** Of the connection; the other thread makes a socket of it, and closes it. */
  readonly fd: number;
  /** What was read of it and nobody has taken. */
  readonly unread: readonly Uint8Array[];
}

/** Takes the connection out of a socket, which hears nothing more and is closed. Throws HOST_NATIVE_CALLS. */
export function handOver(native: Pick<Native, "duplicate">, socket: Socket): HandedOver {
  // Node has no public word for it; without, nothing is handed over and this says so.
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  const own = handle?.fd;
  const fd = own === undefined || own < 0 ? -1 : native.duplicate(own);
  const unread: Uint8Array[] = [];
  for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) unread.push(chunk);
  socket.removeAllListeners();
  socket.on("error", () => {});
  socket.destroy();
  if (fd < 0)
    throw new HostError(
      "HOST_NATIVE_CALLS",
      `a connection cannot be given to another thread (${own ?? "no descriptor"}, ${fd})`,
    );
  return { fd, unread };
}
