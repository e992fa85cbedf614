/** Reads datagrams of the kernel's events, so many in one go; what another program sent to the same port is passed over. */
import { ERRNO, type Native } from "./native.ts";
import { isFromKernel, senderBuffer } from "./netlink-socket.ts";

const receiveBufferLength = 64 * 1024;
/** More datagrams do not fit the socket's buffer; who causes them faster than they are read away is followed as well as can be. */
const mostWaiting = 16_384;

interface EventSink {
  /** The octets are valid during the call only. */
  readonly onDatagram: (bytes: Uint8Array) => void;
  /** The kernel dropped events, or one was cut short. */
  readonly onLoss: () => void;
}

export class EventReader {
  readonly #native: Native;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(receiveBufferLength);
  readonly #sender = senderBuffer();

  /** The caller closes the descriptor, and reads no more then. */
  constructor(native: Native, fd: number) {
    this.#native = native;
    this.#fd = fd;
  }

  /** At most so many; the socket stays readable for the rest. */
  read(most: number, { onDatagram, onLoss }: EventSink): void {
    for (let reads = 0; reads < most; reads += 1) {
      const length = this.#native.receiveFrom(this.#fd, this.#buffer, this.#sender);
      if (length === -ERRNO.EAGAIN) return;
      if (length === -ERRNO.EINTR) continue;
      if (length < 0 || length === this.#buffer.length) onLoss();
      else if (isFromKernel(this.#sender)) onDatagram(this.#buffer.subarray(0, length));
    }
  }

  /** Throws away what waits. */
  discard(): void {
    for (let reads = 0; reads < mostWaiting; reads += 1) {
      if (this.#native.receive(this.#fd, this.#buffer) === -ERRNO.EAGAIN) return;
    }
  }
}
