/**
 * Ends local sockets whose source no uplink carries any more, so that their programs connect anew at once and not when TCP has
 * given up, a quarter of an hour later.
 */
import { type Family, families, type IpAddress } from "@ropewalk/kernel/addresses";
import { HostError } from "../errors.ts";
import { decodeAck } from "../netlink/ack.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, NLMSG, splitMessages } from "../netlink/message.ts";
import {
  type ConnectedSocket,
  decodeSocket,
  encodeSocketDestroy,
  encodeSocketDump,
  type SocketProtocol,
} from "../netlink/socket-diag.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { openRequestSocket } from "./netlink-socket.ts";

export interface StrandedOutcome {
  readonly destroyed: number;
  /** Ended by themselves meanwhile. */
  readonly gone: number;
  /** Those the kernel did not end, and what it said of the first. */
  readonly refused: number;
  readonly detail: string | undefined;
}

/** Sockets that are not to be ended, besides those with another source. */
export type IsSpared = (socket: ConnectedSocket) => boolean;

const bufferLength = 64 * 1024;
const protocols: readonly SocketProtocol[] = ["tcp", "udp"];

/** Needs CAP_NET_ADMIN and a kernel with INET_DIAG_DESTROY. Throws HOST_NETLINK when sockets cannot be listed. */
export function destroyStranded(
  native: Native,
  sources: ReadonlySet<IpAddress>,
  isSpared: IsSpared = () => false,
): StrandedOutcome {
  using exchange = new SocketExchange(native);
  const stranded = families.flatMap((family) =>
    protocols.flatMap((protocol) => exchange.list(family, protocol).filter(({ source }) => sources.has(source))),
  );
  let [destroyed, gone, refused] = [0, 0, 0];
  let detail: string | undefined;
  for (const socket of stranded) {
    if (isSpared(socket)) continue;
    const errno = exchange.destroy(socket);
    if (errno === 0) destroyed += 1;
    else if (errno === ERRNO.ENOENT) gone += 1;
    else {
      refused += 1;
      detail ??= describeErrno(-errno);
    }
  }
  return { destroyed, gone, refused, detail };
}

class SocketExchange implements Disposable {
  readonly #native: Native;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(bufferLength);
  #sequence = 0;

  constructor(native: Native) {
    this.#native = native;
    this.#fd = openRequestSocket(native, "SOCK_DIAG");
  }

  list(family: Family, protocol: SocketProtocol): readonly ConnectedSocket[] {
    this.#send(encodeSocketDump(family, protocol, this.#next()));
    const found: ConnectedSocket[] = [];
    for (;;) {
      for (const message of this.#receive()) {
        if (message.type === NLMSG.DONE) return found;
        if (message.type === NLMSG.ERROR) {
          const errno = errnoOf(message);
          // A kernel without a module for this protocol has no such sockets either.
          if (errno === ERRNO.ENOENT || errno === 0) return found;
          throw new HostError(
            "HOST_NETLINK",
            `the kernel refused to list ${protocol} sockets: ${describeErrno(-errno)}`,
            {
              errno,
            },
          );
        }
        const socket = decodeSocket(message.payload, protocol);
        if (!isMalformed(socket)) found.push(socket);
      }
    }
  }

  /** Zero, or why not. */
  destroy(socket: ConnectedSocket): number {
    this.#send(encodeSocketDestroy(socket, this.#next()));
    for (;;) {
      const verdict = this.#receive().find(({ type }) => type === NLMSG.ERROR);
      if (verdict !== undefined) return errnoOf(verdict);
    }
  }

  [Symbol.dispose](): void {
    this.#native.close(this.#fd);
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  #send(request: Uint8Array): void {
    const sent = this.#native.send(this.#fd, request);
    if (sent < 0) throw failed(-sent);
  }

  /** The kernel has answered when `send` returns, and makes the next part of a list when the last was read. */
  #receive(): readonly NetlinkMessage[] {
    for (;;) {
      const length = this.#native.receive(this.#fd, this.#buffer);
      if (length === -ERRNO.EINTR) continue;
      if (length < 0) throw failed(-length);
      const { messages } = splitMessages(this.#buffer.subarray(0, length));
      return messages.filter(({ sequence }) => sequence === this.#sequence);
    }
  }
}

function errnoOf(message: NetlinkMessage): number {
  const ack = decodeAck(message);
  return isMalformed(ack) ? ERRNO.EINVAL : ack.errno;
}

function failed(errno: number): HostError {
  return new HostError("HOST_NETLINK", `the kernel does not tell of sockets: ${describeErrno(-errno)}`, { errno });
}
