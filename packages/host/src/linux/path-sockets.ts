/** Sockets that can leave by one path only, on the real kernel: bound to the binding's device and source, and marked. */
import type { PathSockets } from "../ports.ts";
import type { Native } from "./native.ts";
import { connectPath } from "./path-connect.ts";
import { openPathDatagram } from "./path-datagram.ts";
import { openPathEcho } from "./path-echo.ts";
import { createReadDatagrams } from "./receive-loop.ts";

/** `chance` gives 0…1 and picks the identifiers of raw echo sockets: drawn well, nobody off the path can answer for the peer. */
export function createLinuxPathSockets(native: Native, deps: { readonly chance: () => number }): PathSockets {
  const read = createReadDatagrams(native);
  const drawIdentifier = () => Math.floor(deps.chance() * 0x1_0000) & 0xffff;
  return {
    datagram: async (binding, options) => openPathDatagram(native, read, binding, options?.port ?? 0),
    connect: (binding, to, signal) => connectPath(native, binding, to, signal),
    echo: async (binding, options) => openPathEcho({ native, read, drawIdentifier }, binding, options),
  };
}
