/**
 * Ends a connection at once, with an RST where that can be. Node's own `resetAndDestroy` may not be called while a FIN is on its way: libuv
 * refuses that (EINVAL), and Node forgets the connection without closing it, so that its descriptor is lost and the process cannot end.
 */
import type { Socket } from "node:net";

/** What it has not sent yet is gone. A peer to whom a FIN is just being sent sees that, and an RST when it sends more. */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
