/**
 * Ends local sockets whose source no uplink carries any more, so that their programs connect anew at once and not when TCP has
 * given up, a quarter of an hour later.
 */
import { families, type IpAddress } from "@ropewalk/kernel/addresses";
import { isMalformed } from "../netlink/malformed.ts";
import {
  type ConnectedSocket,
  decodeSocket,
  encodeSocketDestroy,
  encodeSocketDump,
  type SocketProtocol,
} from "../netlink/socket-diag.ts";
import type { Native } from "./native.ts";
import { NetlinkExchange } from "./netlink-exchange.ts";
import { RemovalCount, type Removed } from "./removal-count.ts";

/** Sockets that are not to be ended, besides those with another source. */
export type IsSpared = (socket: ConnectedSocket) => boolean;

const protocols: readonly SocketProtocol[] = ["tcp", "udp"];

/** Needs CAP_NET_ADMIN and a kernel with INET_DIAG_DESTROY. Throws HOST_NETLINK when sockets cannot be listed. */
export function destroyStranded(
  native: Native,
  sources: ReadonlySet<IpAddress>,
  isSpared: IsSpared = () => false,
): Removed {
  using exchange = openExchange(native);
  const orders = listStranded(exchange, sources, isSpared).map(
    (socket) => (sequence: number) => encodeSocketDestroy(socket, sequence),
  );
  const count = new RemovalCount();
  for (const verdict of exchange.orderAll(orders)) count.add(verdict);
  return count.result;
}

/** How many `destroyStranded` would end. */
export function countStranded(
  native: Native,
  sources: ReadonlySet<IpAddress>,
  isSpared: IsSpared = () => false,
): number {
  using exchange = openExchange(native);
  return listStranded(exchange, sources, isSpared).length;
}

function openExchange(native: Native): NetlinkExchange {
  return new NetlinkExchange(native, "SOCK_DIAG", "sockets");
}

function listStranded(
  exchange: NetlinkExchange,
  sources: ReadonlySet<IpAddress>,
  isSpared: IsSpared,
): readonly ConnectedSocket[] {
  const stranded: ConnectedSocket[] = [];
  for (const family of families) {
    for (const protocol of protocols) {
      exchange.list(
        (sequence) => encodeSocketDump(family, protocol, sequence),
        ({ payload }) => {
          const socket = decodeSocket(payload, protocol);
          if (!isMalformed(socket) && sources.has(socket.source) && !isSpared(socket)) stranded.push(socket);
        },
      );
    }
  }
  return stranded;
}
