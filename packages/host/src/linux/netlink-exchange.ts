/**
 * Questions and orders over one netlink socket, each answered before the call returns: the kernel answers while it takes the
 * request in, and makes the next part of a list when the last was read.
 */
import { HostError } from "../errors.ts";
import { type Ack, decodeAck } from "../netlink/ack.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, NLMSG, splitMessages } from "../netlink/message.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { openRequestSocket } from "./netlink-socket.ts";

const bufferLength = 64 * 1024;

/** Zero is done; `text` is the kernel's own words, when it had any. */
export type Verdict = Pick<Ack, "errno" | "text">;

export class NetlinkExchange implements Disposable {
  readonly #native: Native;
  readonly #subject: string;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(bufferLength);
  #sequence = 0;

  /** `subject` is what errors call the thing that is asked about. Throws HOST_NETLINK. */
  constructor(native: Native, family: Parameters<typeof openRequestSocket>[1], subject: string) {
    this.#native = native;
    this.#subject = subject;
    this.#fd = openRequestSocket(native, family);
  }

  /** Every object of a dump. ENOENT is an empty list: a kernel without the module has none. Throws HOST_NETLINK. */
  list(encode: (sequence: number) => Uint8Array, onMessage: (message: NetlinkMessage) => void): void {
    this.#send(encode);
    for (;;) {
      for (const message of this.#receive()) {
        if (message.type === NLMSG.DONE) return;
        if (message.type !== NLMSG.ERROR) {
          onMessage(message);
          continue;
        }
        const { errno } = verdictIn(message);
        if (errno === ERRNO.ENOENT || errno === 0) return;
        throw this.#failed(errno);
      }
    }
  }

  /** The kernel's verdict; where it gave none, the errno of the call that failed. */
  order(encode: (sequence: number) => Uint8Array): Verdict {
    try {
      this.#send(encode);
      for (;;) {
        const verdict = this.#receive().find(({ type }) => type === NLMSG.ERROR);
        if (verdict !== undefined) return verdictIn(verdict);
      }
    } catch (error) {
      if (error instanceof HostError && error.errno !== undefined) return { errno: error.errno, text: undefined };
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#native.close(this.#fd);
  }

  #send(encode: (sequence: number) => Uint8Array): void {
    this.#sequence += 1;
    const sent = this.#native.send(this.#fd, encode(this.#sequence));
    if (sent < 0) throw this.#failed(-sent);
  }

  #receive(): readonly NetlinkMessage[] {
    for (;;) {
      const length = this.#native.receive(this.#fd, this.#buffer);
      if (length === -ERRNO.EINTR) continue;
      if (length < 0) throw this.#failed(-length);
      const { messages } = splitMessages(this.#buffer.subarray(0, length));
      return messages.filter(({ sequence }) => sequence === this.#sequence);
    }
  }

  #failed(errno: number): HostError {
    return new HostError("HOST_NETLINK", `the kernel does not tell of ${this.#subject}: ${describeErrno(-errno)}`, {
      errno,
    });
  }
}

function verdictIn(message: NetlinkMessage): Verdict {
  const ack = decodeAck(message);
  return isMalformed(ack) ? { errno: ERRNO.EINVAL, text: ack.reason } : ack;
}
