/**
 * Questions and orders over one netlink socket, each answered before the call returns: the kernel answers while it takes the
 * request in, and makes the next part of a list when the last was read.
 */
import { HostError } from "../errors.ts";
import { type Ack, decodeAck } from "../netlink/ack.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, NLMSG, splitMessages } from "../netlink/message.ts";
import { joinRequests } from "../netlink/request.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { openRequestSocket } from "./netlink-socket.ts";

const bufferLength = 64 * 1024;
/** So many refusals at once find room in the socket's receive buffer, which holds some two hundred. */
const ordersPerPacket = 64;

/** Zero is done; `text` is the kernel's own words, when it had any. */
export type Verdict = Pick<Ack, "errno" | "text">;

/** A request with this sequence number, its length a multiple of four. */
type Encode = (sequence: number) => Uint8Array;

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
  list(encode: Encode, onMessage: (message: NetlinkMessage) => void): void {
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
  order(encode: Encode): Verdict {
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

  /** As `order`, many at once, each of which asks for a verdict; the kernel does them in their order, whatever came of others. */
  orderAll(encodes: readonly Encode[]): readonly Verdict[] {
    const verdicts: Verdict[] = [];
    for (let start = 0; start < encodes.length; start += ordersPerPacket) {
      verdicts.push(...this.#orderSome(encodes.slice(start, start + ordersPerPacket)));
    }
    return verdicts;
  }

  [Symbol.dispose](): void {
    this.#native.close(this.#fd);
  }

  #orderSome(encodes: readonly Encode[]): readonly Verdict[] {
    const first = this.#sequence + 1;
    const requests = encodes.map((encode, index) => encode(first + index));
    this.#sequence += encodes.length;
    const verdicts: Verdict[] = encodes.map(() => ({ errno: 0, text: undefined }));
    try {
      this.#transmit(joinRequests(requests));
      for (;;) {
        for (const message of this.#receive(first)) {
          if (message.type !== NLMSG.ERROR) continue;
          verdicts[message.sequence - first] = verdictIn(message);
          if (message.sequence === this.#sequence) return verdicts;
        }
      }
    } catch (error) {
      if (!(error instanceof HostError) || error.errno === undefined) throw error;
      const { errno } = error;
      return verdicts.map((verdict) => (verdict.errno === 0 ? { errno, text: undefined } : verdict));
    }
  }

  #send(encode: Encode): void {
    this.#sequence += 1;
    this.#transmit(encode(this.#sequence));
  }

  #transmit(request: Uint8Array): void {
    const sent = this.#native.send(this.#fd, request);
    if (sent < 0) throw this.#failed(-sent);
  }

  /** What answers the requests from `first` on, by default the last only. */
  #receive(first: number = this.#sequence): readonly NetlinkMessage[] {
    for (;;) {
      const length = this.#native.receive(this.#fd, this.#buffer);
      if (length === -ERRNO.EINTR) continue;
      if (length < 0) throw this.#failed(-length);
      const { messages } = splitMessages(this.#buffer.subarray(0, length));
      return messages.filter(({ sequence }) => sequence >= first && sequence <= this.#sequence);
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
